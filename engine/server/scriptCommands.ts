/**
 * SCRIPT as far as it has answers without scripts, which are not built: Sentinel sends SCRIPT KILL to a node that answers BUSY.
 * Nothing ever runs and nothing is stored here, so there is never anything to kill, find or flush.
 * Source: script.c and eval.c of Redis 7.0, for behaviour.
 */
import { type Bytes, lower } from '../core/bytes.ts';
import { type CommandFlag, type CommandRow, NO_KEYS } from '../commands/command.ts';
import { OK, type Reply, error } from '../protocol/reply.ts';

const NOT_BUSY = error('NOTBUSY No scripts in execution right now.');
const NOT_BUILT = error('ERR scripts are not built yet');

const flush = (argv: readonly Bytes[]): Reply => {
  const mode: string | null = argv.length === 2 ? null : lower(argv[2] as Bytes);
  const isGood = mode === null || (argv.length === 3 && (mode === 'sync' || mode === 'async'));
  return isGood ? OK : error('ERR SCRIPT FLUSH only support SYNC|ASYNC option');
};

const row = (
  name: string, arity: number, since: string, handler: CommandRow['handler'], more: readonly CommandFlag[] = [],
): CommandRow => ({ name, arity, flags: ['noscript', ...more], keys: NO_KEYS, since, handler });

export const scriptCommands: readonly CommandRow[] = [
  row('script|kill', 2, '2.6.0', () => NOT_BUSY, ['allow_busy']),
  row('script|exists', -3, '2.6.0', (_call, argv) => argv.slice(2).map(() => 0)),
  row('script|flush', -2, '2.6.0', (_call, argv) => flush(argv)),
  row('script|load', 3, '2.6.0', () => NOT_BUILT, ['stale']),
];
