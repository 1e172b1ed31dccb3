/**
 * WATCH, GET, and then MULTI, one command and EXEC over the same connection: how a client changes a key only if it is what it was,
 * without a script.
 *
 * Always holds: as long as EXEC was not sent nothing was executed; a null answer to it says that somebody else wrote in between.
 */
import { type Bytes, type Reply, bytes } from '../../../engine/index.ts';
import { type ServerClient, pinnedTo } from '../serverClient.ts';
import { type ErrandEnd, bulkOf, endOfReply } from './work.ts';

const WATCH: Bytes = bytes('WATCH');
const UNWATCH: Bytes = bytes('UNWATCH');
const GET: Bytes = bytes('GET');
const MULTI: Bytes = bytes('MULTI');
const EXEC: Bytes = bytes('EXEC');

const ignore = (): void => {};

/** `change` gets the value and says which command is to follow; null: none is, and the exchange has failed. */
export const exchange = (
  client: ServerClient, key: Bytes, change: (value: Bytes | null) => readonly Bytes[] | null, over: (end: ErrandEnd) => void,
): void => {
  const connection = pinnedTo(client, key);
  if (connection === null) {
    over('failed');
    return;
  }
  let watched: ErrandEnd = 'failed';
  connection.send([WATCH, key], (reply) => {
    watched = endOfReply(reply);
  });
  connection.send([GET, key], (reply) => {
    const found = watched === 'ok' ? endOfReply(reply) : watched;
    if (found !== 'ok') {
      // Only reads were asked for.
      over(found === 'refused' ? 'refused' : 'failed');
      return;
    }
    const argv = change(bulkOf(reply));
    if (argv === null) {
      connection.send([UNWATCH], ignore);
      over('failed');
      return;
    }
    transact(connection, [argv], (end) => over(end));
  });
};

/** MULTI, these commands, EXEC. `over` hears how it ended, and of one that was executed each answer. */
export const transact = (
  connection: Pick<ServerClient, 'send'>, commands: readonly (readonly Bytes[])[], over: (end: ErrandEnd, replies: readonly Reply[]) => void,
): void => {
  let queued: ErrandEnd = 'ok';
  connection.send([MULTI], ignore);
  for (const argv of commands) {
    connection.send(argv, (reply) => {
      const end = endOfReply(reply);
      if (end !== 'ok') queued = end;
    });
  }
  connection.send([EXEC], (reply) => {
    const end = endOfReply(reply);
    if (end === 'ok' && Array.isArray(reply)) over(endOfAll(reply as readonly Reply[]), reply as readonly Reply[]);
    // EXECABORT says that a command was refused; the command's own answer said why.
    else over(end === 'failed' && queued === 'refused' ? 'refused' : end === 'ok' ? 'failed' : end, []);
  });
};

/** One that failed among others that did not is neither. */
const endOfAll = (replies: readonly Reply[]): ErrandEnd => {
  const ends = replies.map(endOfReply);
  if (ends.every((end) => end === 'ok')) return 'ok';
  return ends.some((end) => end === 'ok' || end === 'unknown') ? 'unknown' : 'failed';
};
