/**
 * Errors at their fields. A field is found by the JSON pointer that the API gives:
 * the form's names are those of the request.
 *
 * @typedef {import('../client/index.js').FieldError} FieldError
 */

/** What the API says in its own words, as the form would say it. @type {ReadonlyMap<string, string>} */
const WORDS = new Map([
  ['/organizationId must be a uuid', 'Choose an organization.'],
  ['/organizationId is required', 'Choose an organization.'],
  ['/title is required', 'Give the issue a title.'],
  ['/title must not be empty', 'Give the issue a title.'],
]);

/**
 * Shows these errors and no others, and moves to the first.
 *
 * @param {HTMLFormElement} form
 * @param {readonly FieldError[]} errors
 */
export function showErrors(form, errors) {
  clearErrors(form);
  const homeless = errors.filter(error => !showAtField(form, error));
  const general = form.querySelector('#form-error');
  if (general instanceof HTMLElement && homeless.length > 0) {
    general.textContent = homeless.map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`).join('; ');
    general.hidden = false;
  }
  const first = form.querySelector('[aria-invalid="true"]');
  if (first instanceof HTMLElement) first.focus();
}

/** @param {HTMLFormElement} form */
export function clearErrors(form) {
  for (const error of form.querySelectorAll('.error')) {
    error.textContent = '';
    error.setAttribute('hidden', '');
  }
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
}

/**
 * @param {HTMLFormElement} form
 * @param {FieldError} error
 * @returns {boolean} whether there is such a field
 */
function showAtField(form, { pointer, detail }) {
  const name = pointer.slice(1);
  const place = form.querySelector(`#${CSS.escape(`${name}-error`)}`);
  const field = form.querySelector(`[name="${CSS.escape(name)}"]`);
  if (!(place instanceof HTMLElement) || field === null) return false;
  place.textContent = WORDS.get(`${pointer} ${detail}`) ?? `This ${detail}.`;
  place.hidden = false;
  field.setAttribute('aria-invalid', 'true');
  return true;
}
