/** `faultline view`: the browser timeline on 127.0.0.1, with a file opened in it, until somebody ends it. Ctrl-C is no failure. */
import { ConfigError } from '../../engine/core/errors.ts';
import { readOpened } from './openedFile.ts';
import { servePage } from './pageServer.ts';

export interface ViewFlags {
  readonly port?: string;
}

const PORT_MAX = 65_535;

/** A whole number up to 65535; 0: any port that is free. */
export const parsePort = (text: string): number => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > PORT_MAX) throw new ConfigError(`--port: '${text}' is not a whole number from 0 to ${PORT_MAX}`);
  return port;
};

/** Bad input throws before anything is served. */
export const viewCommand = async (path: string | undefined, flags: ViewFlags): Promise<number> => {
  const port = parsePort(flags.port ?? '0');
  const server = await servePage(port, path === undefined ? null : readOpened(path));
  const ended = interrupted();
  process.stdout.write(`${server.address}\n`);
  if (process.stdout.isTTY) process.stderr.write('Ctrl-C ends it\n');
  await ended;
  await server.close();
  return 0;
};

const interrupted = (): Promise<void> => new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
});
