/**
 * Serves the built page (`dist/page`) and one opened file beside it on 127.0.0.1, and nothing else: what can be asked for is a list
 * made at the start. A request that names another host is refused, since a name of a stranger's can lead here.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, relative, sep } from 'node:path';
import { ConfigError } from '../../engine/core/errors.ts';
import { packageRoot } from './files.ts';
import type { OpenedFile } from './openedFile.ts';

export interface PageServer {
  /** Of the page, with the opened file if there is one. */
  readonly address: string;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/** As `viz/given.ts` asks for it. */
const OPENED_PATH = '/opened';
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
};
const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-cache',
  'content-security-policy': "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
};

interface Served {
  readonly type: string;
  readonly body: () => Buffer | string;
}

/** `port` 0: any that is free. Rejects with `ConfigError` where nothing can be served. */
export const servePage = async (port: number, opened: OpenedFile | null): Promise<PageServer> => {
  const served = pageFiles();
  if (opened !== null) served.set(OPENED_PATH, { type: 'text/plain; charset=utf-8', body: () => opened.text });
  const server = createServer((request, response) => answer(served, request, response));
  await listen(server, port);
  const { port: got } = server.address() as AddressInfo;
  const asked = opened === null ? '' : `?open=${encodeURIComponent(opened.name)}`;
  return {
    address: `http://127.0.0.1:${got}/${asked}`,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
};

const pageFiles = (): Map<string, Served> => {
  const root = join(packageRoot(), 'dist', 'page');
  if (!existsSync(join(root, 'index.html'))) throw new ConfigError(`${root}: has no page; npm run build makes it`);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const served = new Map<string, Served>(files.map((entry) => {
    const file = join(entry.parentPath, entry.name);
    return [`/${relative(root, file).split(sep).join('/')}`,
      { type: TYPES[extname(file)] ?? 'application/octet-stream', body: () => readFileSync(file) }];
  }));
  served.set('/', served.get('/index.html') as Served);
  return served;
};

const answer = (served: ReadonlyMap<string, Served>, request: IncomingMessage, response: ServerResponse): void => {
  const refuse = (status: number): void => void response.writeHead(status, HEADERS).end();
  if (!/^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(request.headers.host ?? '')) return refuse(403);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
  const file = served.get((request.url ?? '/').split('?')[0] ?? '/');
  if (file === undefined) return refuse(404);
  let body: Buffer | string;
  try {
    body = file.body();
  } catch {
    // A build that goes on has taken it away.
    return refuse(404);
  }
  response.writeHead(200, { ...HEADERS, 'content-type': file.type, 'content-length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
};

const listen = (server: Server, port: number): Promise<void> => new Promise((resolve, reject) => {
  server.once('error', (error: NodeJS.ErrnoException) => {
    reject(new ConfigError(`--port: ${port} ${error.code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${error.code ?? error.message})`}`));
  });
  server.listen(port, '127.0.0.1', resolve);
});
