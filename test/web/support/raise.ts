import type { Locator, Page } from 'playwright-core';

export interface Wish {
  /** The organization's name. */
  readonly organization: string;
  readonly title: string;
  readonly description?: string;
  readonly priority?: 'Low' | 'Normal' | 'High' | 'Urgent';
  readonly category?: string;
}

/** Fills the form as a person does, up to the button. */
export async function fillForm(page: Page, wish: Wish): Promise<void> {
  const { organization, title, description = '', priority = 'Normal', category = '' } = wish;
  await page.getByLabel('Organization').selectOption(organization);
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Description').fill(description);
  await page.getByLabel(priority, { exact: true }).check();
  await page.getByLabel('Category').fill(category);
}

export async function raise(page: Page, wish: Wish): Promise<void> {
  await fillForm(page, wish);
  await raiseButton(page).click();
}

export function raiseButton(page: Page): Locator {
  return page.getByRole('button', { name: 'Raise issue' });
}

/** The cards with this title, in whatever list. */
export function card(page: Page, title: string): Locator {
  return page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
}

/** Waits until the issue is among the user's issues. @returns its number */
export async function applied(page: Page, title: string): Promise<number> {
  const chip = page
    .getByRole('region', { name: 'My issues' })
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name: title, exact: true }) })
    .getByText(/^applied #\d+$/);
  return Number((await chip.textContent())?.replace('applied #', ''));
}
