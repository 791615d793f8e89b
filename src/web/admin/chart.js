import { node } from '../card.js';
import { axes, barLook, cssColor, lineLook } from './chart-looks.js';
import uPlot from './uplot.js';

/**
 * One chart: what it shows now in figures above it, a picture, and the same in
 * words for who cannot see it.
 *
 * @typedef {(number | null)[]} Values
 *
 * @typedef {object} Line
 * @property {string} label
 * @property {Values} values
 * @property {number | null | undefined} now what its figure says while nothing is pointed at
 *
 * @typedef {object} Kind
 * @property {string} title
 * @property {'lines' | 'bars'} form bars are stacked on one another
 * @property {(value: number) => string} format
 * @property {string} nothing what is said when there are no lines
 * @property {string[]} [colors] names of colours in the style sheet, instead of the usual order
 */

const HEIGHT = 180;
const COLORS = ['--chart-1', '--chart-2', '--chart-3', '--chart-4', '--chart-5', '--chart-6'];

export class Chart {
  #kind;
  #figure;
  #legend = node('ul', 'legend');
  #picture = node('div', 'picture');
  #empty;
  /** @type {uPlot | undefined} */
  #plot;
  /** @type {readonly Line[]} */
  #lines = [];
  /** @type {number[]} */
  #times = [];
  /** What the plot was made for: other lines or other colours need another one. */
  #made = '';

  /**
   * @param {HTMLElement} place
   * @param {Kind} kind
   */
  constructor(place, kind) {
    this.#kind = kind;
    this.#empty = node('p', 'nothing', kind.nothing);
    this.#figure = node('section', 'panel chart', node('h3', '', kind.title), this.#legend, this.#picture);
    this.#figure.append(this.#empty);
    this.#picture.setAttribute('role', 'img');
    place.append(this.#figure);
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(this.#picture);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#draw());
  }

  /**
   * @param {number[]} times in milliseconds since 1970
   * @param {readonly Line[]} lines
   */
  show(times, lines) {
    this.#times = times.map(time => time / 1000);
    this.#lines = lines;
    this.#empty.hidden = lines.length > 0;
    this.#picture.hidden = lines.length === 0;
    this.#picture.setAttribute('aria-label', this.#words());
    this.#draw();
    this.#fillLegend(this.#plot?.cursor.idx ?? null);
  }

  #draw() {
    if (this.#lines.length === 0) return;
    const colors = this.#lines.map((_, index) => this.#color(index));
    const wanted = JSON.stringify([colors, this.#lines.map(({ label }) => label)]);
    const data = this.#data();
    if (wanted === this.#made) this.#plot?.setData(data);
    else {
      this.#plot?.destroy();
      this.#plot = new uPlot(this.#options(colors), data, this.#picture);
      this.#made = wanted;
    }
  }

  /** @returns {uPlot.AlignedData} */
  #data() {
    if (this.#kind.form === 'lines') return [this.#times, ...this.#lines.map(({ values }) => values)];
    // Each bar reaches from the ground over those below it; the highest is drawn first.
    const heights = this.#times.map(() => 0);
    const stacked = this.#lines.map(({ values }) =>
      values.map((value, index) => (heights[index] = (heights[index] ?? 0) + (value ?? 0))),
    );
    return [this.#times, ...stacked.reverse()];
  }

  /**
   * @param {string[]} colors
   * @returns {uPlot.Options}
   */
  #options(colors) {
    const { form, format } = this.#kind;
    const series = form === 'lines' ? colors.map(lineLook) : colors.toReversed().map(barLook);
    return {
      ...this.#size(),
      legend: { show: false },
      cursor: { y: false, drag: { setScale: false }, points: { size: 7 } },
      scales: { y: { range: (_plot, _min, max) => [0, Math.max(max * 1.1, 1)] } },
      axes: axes(format),
      series: [{}, ...series],
      hooks: { setCursor: [plot => this.#fillLegend(plot.cursor.idx ?? null)] },
    };
  }

  #size() {
    return { width: Math.max(200, this.#picture.clientWidth), height: HEIGHT };
  }

  /**
   * @param {number} index of the line
   * @returns {string}
   */
  #color(index) {
    const names = this.#kind.colors ?? COLORS;
    return cssColor(names[index % names.length] ?? '--quiet');
  }

  /** @param {number | null} index of the time under the pointer; the latest without one */
  #fillLegend(index) {
    this.#legend.replaceChildren(
      ...this.#lines.map(({ label, values, now }, line) => {
        const swatch = node('span', 'swatch');
        swatch.style.background = this.#color(line);
        const value = (index === null ? now : values[index]) ?? undefined;
        const text = value === undefined ? '–' : this.#kind.format(value);
        return node('li', '', swatch, label, node('strong', '', text));
      }),
    );
  }

  /** @returns {string} */
  #words() {
    const { title, format, nothing } = this.#kind;
    if (this.#lines.length === 0) return `${title}: ${nothing}`;
    const each = this.#lines.map(({ label, values, now }) => {
      const known = values.filter(value => value !== null);
      if (typeof now !== 'number') return `${label}: nothing yet`;
      return `${label}: ${format(now)}, at most ${format(Math.max(0, ...known))}`;
    });
    return `${title}. ${each.join('; ')}.`;
  }
}
