import uPlot from './uplot.js';

/** How the parts of a chart look, in the colours of the style sheet. */

const CLOCK = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const FONT = '12px system-ui, sans-serif';

/**
 * Of the time, and of the values.
 *
 * @param {(value: number) => string} format of a value
 * @returns {uPlot.Axis[]}
 */
export function axes(format) {
  const axis = {
    font: FONT,
    stroke: cssColor('--quiet'),
    grid: { stroke: cssColor('--line'), width: 1 },
    ticks: { show: false },
  };
  return [
    { ...axis, space: 70, size: 30, values: (_plot, ticks) => ticks.map(tick => CLOCK.format(tick * 1000)) },
    { ...axis, space: 32, size: 58, values: (_plot, ticks) => ticks.map(format) },
  ];
}

/**
 * @param {string} stroke
 * @returns {uPlot.Series}
 */
export function lineLook(stroke) {
  return { stroke, width: 2, fill: faint(stroke), points: { show: false }, spanGaps: false };
}

/**
 * @param {string} fill
 * @returns {uPlot.Series}
 */
export function barLook(fill) {
  const bars = uPlot.paths.bars?.({ size: [0.8, 20, 1] });
  return { fill, width: 0, points: { show: false }, ...(bars === undefined ? {} : { paths: bars }) };
}

/**
 * @param {string} name of a colour in the style sheet, as #rrggbb
 * @returns {string}
 */
export function cssColor(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** @param {string} color as #rrggbb */
function faint(color) {
  return `${color}1a`;
}
