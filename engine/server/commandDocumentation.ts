/**
 * COMMAND DOCS' reply out of lines of JSON (`commandDocs.ts`), which are parsed when somebody asks.
 * Source: addReplyCommandDocs in server.c of Redis 7.0, for the shape.
 */
import { bytes } from '../core/bytes.ts';
import { MapReply, type Reply, SetReply, Status } from '../protocol/reply.ts';
import type { Command } from './commandTable.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Lists of flags are sets of words; of the other lists the history is a set of pairs. */
const FLAG_LISTS: readonly string[] = ['flags', 'doc_flags'];

const field = (name: string, value: Json, command: Command | null): Reply => {
  if (typeof value === 'string') return bytes(value);
  if (typeof value === 'number') return value;
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    if (FLAG_LISTS.includes(name)) return new SetReply(items.map((item) => new Status(String(item))));
    if (name === 'history') return new SetReply(items.map((item) => (item as readonly string[]).map((word) => bytes(word))));
    return items.map((item) => fields(item, null));
  }
  return name === 'subcommands' ? subcommands(value, command) : fields(value, null);
};

const fields = (value: Json, command: Command | null): Reply =>
  new MapReply(Object.entries(value ?? {}).map(([name, one]) => [bytes(name), field(name, one as Json, command)]));

/** Only those that we have. */
const subcommands = (value: Json, command: Command | null): Reply => new MapReply(Object.entries(value ?? {}).flatMap(([name, one]) =>
  (command?.subcommands?.has(name.slice(name.indexOf('|') + 1)) === true ? [[bytes(name), fields(one as Json, null)] as const] : [])));

/** What is documented of a command or subcommand; null: nothing. */
export const documentation = (lines: readonly string[]): ((command: Command) => Reply | null) => {
  const known = new Map(lines.map((line) => JSON.parse(line) as [string, Json]));
  return (command) => {
    const [container = ''] = command.name.split('|');
    const whole = known.get(container);
    if (whole === undefined) return null;
    if (container === command.name) return fields(whole, command);
    const parts = (whole as { readonly subcommands?: { readonly [name: string]: Json } }).subcommands?.[command.name];
    return parts === undefined ? null : fields(parts, null);
  };
};
