import { createBullBoard } from '@bull-board/api';
import type { FastifyInstance } from 'fastify';
import type { LaneSet } from '../lane-set.ts';
import { type AdminCredentials, requireAdmin } from './admin-auth.ts';
import { LimitedAdapter, laneAdapters } from './bull-board-adapters.ts';
import { BOARD_STYLE } from './bull-board-style.ts';

/*
 * The dashboard: the lanes and their jobs, for the administrator to look at. One
 * thing can be done here, to retry a failed job.
 */

export interface BullBoardOptions extends AdminCredentials {
  /** The lanes of all epochs that are not over, at any time. The same array until they change. */
  readonly lanes: () => readonly LaneSet[];
}

const BASE_PATH = '/admin/queues';
const STYLE_PATH = '/issue-intake.css';
const MOST_JOBS_PER_PAGE = 100;

/** The page styles itself at run time; its scripts are files. */
const CONTENT_SECURITY_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

/** GET /admin/queues and all below it. */
export async function bullBoard(app: FastifyInstance, options: BullBoardOptions): Promise<void> {
  await requireAdmin(app, options);
  hardenPages(app);
  app.get(BASE_PATH + STYLE_PATH, { schema: { hide: true } }, (_request, reply) => {
    reply.type('text/css; charset=utf-8').send(BOARD_STYLE);
  });
  const { adapter, show } = openBoard();
  let shown: readonly LaneSet[] | undefined;
  app.addHook('onRequest', (_request, _reply, done) => {
    const lanes = options.lanes();
    if (lanes !== shown) show(lanes);
    shown = lanes;
    done();
  });
  await app.register(adapter.registerPlugin(), { prefix: BASE_PATH });
}

function openBoard() {
  const serverAdapter = new LimitedAdapter();
  serverAdapter.setBasePath(BASE_PATH);
  const board = createBullBoard({
    queues: [],
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'issue-intake',
        hideRedisDetails: true,
        hideDocsLink: true,
        // Each look would ask Redis for all its clients, once for each lane.
        showWorkers: false,
      },
      handlerHooks: { before: ({ request }) => limitPage(request.query) },
    },
  });
  return {
    adapter: serverAdapter,
    show: (lanes: readonly LaneSet[]) => board.setQueues(lanes.flatMap(laneAdapters)),
  };
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
  const style = `<link href="${BASE_PATH}${STYLE_PATH}" rel="stylesheet">`;
  return html.replace(EXTERNAL_FONTS, '').replace('</head>', `${style}</head>`);
}
