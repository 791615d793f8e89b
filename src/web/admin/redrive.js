import { element } from '../elements.js';
import { ask, readRedriven } from './answers.js';

/**
 * Puts a refused submission on its lane again, once that is confirmed.
 *
 * @param {string} id
 * @param {HTMLElement} said where it is told what was done
 * @param {() => void} onRedriven
 */
export async function redrive(id, said, onRedriven) {
  if (!(await confirmed())) return;
  said.textContent = 'Redriving…';
  const asked = await ask(`glance/submissions/${id}/redrive`, readRedriven, { body: {} });
  said.textContent = 'value' in asked ? asked.value.detail : asked.trouble;
  if ('value' in asked) onRedriven();
}

/** @returns {Promise<boolean>} */
function confirmed() {
  const dialog = element('redrive-dialog', HTMLDialogElement);
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise(resolve => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'redrive'), { once: true });
  });
}
