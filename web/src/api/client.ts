import createClient, { type Middleware } from 'openapi-fetch';
import type { paths as DevicesPaths } from './devices';
import type { paths as GatewayPaths } from './gateway';
import type { paths as IdentityPaths } from './identity';
import type { paths as MonitoringPaths } from './monitoring';
import type { paths as UsersPaths } from './users';

/** An RFC 9457 problem, as every service answers when it can't do what was asked. */
export interface Problem {
  title?: string | null;
  detail?: string | null;
  errors?: Record<string, string[]>;
  /** The saga that was rolled back, where one was. */
  saga_id?: string;
}

/** A call that brought no result. `status` is 0 when no answer came at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly problem: Problem;
  /** Seconds after which the server invites another try. */
  readonly retryAfter: number | undefined;
  /** When that is. */
  readonly retryAt: Date | undefined;

  constructor(status: number, problem: Problem = {}, retryAfter?: number) {
    super(problem.detail ?? problem.title ?? (status === 0 ? 'The server gave no answer.' : `The server answered ${status}.`));
    this.name = 'ApiError';
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
    this.retryAt = retryAfter === undefined ? undefined : new Date(Date.now() + retryAfter * 1000);
  }
}

/** The server, or the gateway on its behalf, is away: waiting may help, asking differently won't. */
export const isUnreachable = (error: unknown) => error instanceof ApiError && [0, 502, 503, 504].includes(error.status);

export const isUnauthorized = (error: unknown) => error instanceof ApiError && error.status === 401;

// The gateway refuses state-changing calls without this header, which a foreign page can't send.
const csrf: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET') request.headers.set('X-CSRF', '1');
  },
};

function connect<Paths extends object>() {
  const client = createClient<Paths>({
    baseUrl: window.location.origin,
    fetch: (request) => globalThis.fetch(request),
  });
  client.use(csrf);
  return client;
}

export const gateway = connect<GatewayPaths>();
export const identity = connect<IdentityPaths>();
export const users = connect<UsersPaths>();
export const devices = connect<DevicesPaths>();
export const monitoring = connect<MonitoringPaths>();

/** The JSON body of an operation's 200 answer. */
export type Answer<Operation> = Operation extends { responses: { 200: { content: { 'application/json': infer Body } } } }
  ? Body
  : never;

type Call<Body> = Promise<{ data?: Body; error?: unknown; response: Response }>;

/** Returns a call's body, or throws an {@link ApiError} that says why there is none. */
export const answer = async <Body>(call: Call<Body>): Promise<Body> => (await settle(call)).body;

/** A page of a long list, and where the next one begins. */
export interface Page<Row> {
  rows: Row[];
  next: string | undefined;
  /** Rows on all pages, where the service counts them. */
  total?: number | undefined;
}

/** Returns one page of a list; its Link header says where the next one is. */
export const page = <Row>(call: Call<Row[]>): Promise<Page<Row>> => pageOf(call, (rows) => rows);

/** Returns one page of a list that is a part of the body. */
export async function pageOf<Body, Row>(call: Call<Body>, rowsOf: (body: Body) => Row[]): Promise<Page<Row>> {
  const { body, response } = await settle(call);
  const next = /<([^>]*)>; rel="next"/.exec(response.headers.get('Link') ?? '')?.[1];

  const total = response.headers.get('X-Total-Count');

  return {
    rows: rowsOf(body),
    total: total === null ? undefined : Number(total),
    next: next && (new URL(next, window.location.origin).searchParams.get('after') ?? undefined),
  };
}

/** Returns a body with the version that it has, to be sent back as If-Match. */
export async function versioned<Body>(call: Call<Body>): Promise<{ body: Body; version: string | undefined }> {
  const { body, response } = await settle(call);
  return { body, version: response.headers.get('ETag') ?? undefined };
}

async function settle<Body>(call: Call<Body>): Promise<{ body: Body; response: Response }> {
  let result;

  try {
    result = await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0);
  }

  const { data, error, response } = result;

  if (!response.ok) {
    const retryAfter = Number(response.headers.get('Retry-After') ?? NaN);
    throw new ApiError(response.status, isProblem(error) ? error : {}, Number.isFinite(retryAfter) ? retryAfter : undefined);
  }

  return { body: data as Body, response };
}

const isProblem = (body: unknown): body is Problem => typeof body === 'object' && body !== null;

export type { DevicesPaths, GatewayPaths, IdentityPaths, MonitoringPaths, UsersPaths };
