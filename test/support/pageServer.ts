/** Serves the built page (`dist/page`, npm run build) on 127.0.0.1, for tests in real browsers. */
import { existsSync, readFileSync } from 'node:fs';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const PAGE_ROOT = fileURLToPath(new URL('../../dist/page', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css',
};

export interface PageServer {
  readonly address: string;
  close(): void;
}

/** `more` is asked first; true: it has answered. `change` may put something into the page itself. */
export const servePage = async (
  more: (request: IncomingMessage, response: ServerResponse) => boolean = () => false, change: (html: string) => string = (html) => html,
): Promise<PageServer> => {
  const server: Server = createServer((request, response) => {
    if (more(request, response)) return;
    const path = normalize(new URL(request.url ?? '/', 'http://page').pathname);
    const file = join(PAGE_ROOT, path === '/' ? 'index.html' : path);
    if (!file.startsWith(PAGE_ROOT) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    const body = readFileSync(file);
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' })
      .end(path === '/' ? change(body.toString('utf8')) : body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() };
};
