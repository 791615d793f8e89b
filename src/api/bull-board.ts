import { createBullBoard } from '@bull-board/api';
import type { FastifyInstance } from 'fastify';
import { everyLane, type LaneSet } from '../lane-set.ts';
import { ACTIONS_OFF, AdminError } from './admin/admin-errors.ts';
import { type BoardOptions, LimitedAdapter, laneAdapter } from './bull-board-adapters.ts';
import { BOARD_PATH } from './bull-board-paths.ts';
import { BOARD_STYLE } from './bull-board-style.ts';

/*
 * The dashboard: the lanes and their jobs, for the administrator to look at. One
 * thing can be done here, to retry a failed job, and only where actions are allowed.
 */

export interface BullBoardOptions extends BoardOptions {
  /** The lanes of all epochs that are not over, at any time. The same array until they change. */
  readonly lanes: () => readonly LaneSet[];
}

const STYLE_PATH = '/issue-intake.css';
const MOST_JOBS_PER_PAGE = 100;

/** The page styles itself at run time; its scripts are files. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

/** GET /admin/queues and all below it. Who may see it is its caller's business. */
export async function bullBoard(app: FastifyInstance, options: BullBoardOptions): Promise<void> {
  if (!options.allowActions) refuseActions(app);
  hardenPages(app);
  app.get(BOARD_PATH + STYLE_PATH, { schema: { hide: true } }, (_request, reply) => {
    reply.type('text/css; charset=utf-8').send(BOARD_STYLE);
  });
  const { adapter, show } = openBoard(options);
  let shown: readonly LaneSet[] | undefined;
  app.addHook('onRequest', (_request, _reply, done) => {
    const lanes = options.lanes();
    if (lanes !== shown) show(lanes);
    shown = lanes;
    done();
  });
  await app.register(adapter.registerPlugin(), { prefix: BOARD_PATH });
}

function openBoard(options: BoardOptions) {
  const serverAdapter = new LimitedAdapter();
  serverAdapter.setBasePath(BOARD_PATH);
  const board = createBullBoard({
    queues: [],
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'issue-intake',
        hideRedisDetails: true,
        hideDocsLink: true,
        miscLinks: [{ text: 'The pipeline at a glance', url: '/admin' }],
        overview: { groupByDelimiter: true },
        // Each look would ask Redis for all its clients, once for each lane.
        showWorkers: false,
      },
      handlerHooks: { before: ({ request }) => limitPage(request.query) },
    },
  });
  return {
    adapter: serverAdapter,
    show: (lanes: readonly LaneSet[]) =>
      board.replaceQueues(everyLane(lanes).map(lane => laneAdapter(lane, options))),
  };
}

/** The board does not show what it does not offer; this is for those who ask all the same. */
function refuseActions(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    done(request.method === 'GET' || request.method === 'HEAD' ? undefined : new AdminError(ACTIONS_OFF));
  });
}

function limitPage(query: Record<string, unknown>): { allow: true } {
  if (Number(query.jobsPerPage) > MOST_JOBS_PER_PAGE) query.jobsPerPage = String(MOST_JOBS_PER_PAGE);
  return { allow: true };
}

const EXTERNAL_FONTS = /<link href="https:\/\/fonts\.googleapis\.com[^>]*>/;

function hardenPages(app: FastifyInstance): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
    const isPage =
      typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html');
    done(null, isPage ? adaptPage(payload) : payload);
  });
}

/** Adds our style sheet, and takes out fonts that would tell a third party who looks. */
function adaptPage(html: string): string {
  const style = `<link href="${BOARD_PATH}${STYLE_PATH}" rel="stylesheet">`;
  return html.replace(EXTERNAL_FONTS, '').replace('</head>', `${style}</head>`);
}
