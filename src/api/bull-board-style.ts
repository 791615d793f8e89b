/*
 * Bull Board offers its buttons all together or not at all: a read-only board has
 * no retry button either. The routes behind the other buttons do not exist here,
 * and this style sheet takes the buttons away. It relies on names inside the
 * board's page; a test looks whether the installed package still has them.
 */

/** What the style sheet relies on, as it stands in the board's scripts. */
export const BOARD_NAMES = {
  /** The buttons of one job; each has an icon. */
  jobActions: 'jobActions-',
  retryIcon: 'refresh-cw',
  /** Retry, promote or clean everything on a tab. */
  tabActions: 'queueActions-',
  /** The menu of a lane: empty, pause, obliterate and their like. */
  laneMenu: 'trigger-GNtOnV',
  /** The menu of the overview: its sorting is kept. */
  overviewMenu: 'dropdown-N5QNV_',
  menuItem: 'item-Uubn_V',
  sortingMenu: 'subTrigger-',
  sortingItem: 'subItem-',
};

const names = BOARD_NAMES;

export const BOARD_STYLE = `
[class*="${names.tabActions}"],
.${names.laneMenu},
[class*="${names.jobActions}"] li:not(:has(.lucide-${names.retryIcon})),
.${names.overviewMenu} .${names.menuItem}:not([class*="${names.sortingMenu}"]):not([class*="${names.sortingItem}"]) {
  display: none !important;
}
`;
