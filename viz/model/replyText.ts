/** A server's reply as redis-cli shows it to a person. */
import {
  BooleanReply, DoubleReply, ErrorReply, MapReply, PushReply, type Reply, SetReply, Status, VerbatimReply,
} from '../../engine/index.ts';

/** Texts with line feeds (INFO) come as they are; lists are numbered, nested ones indented. */
export const replyText = (reply: Reply, indent: string = ''): string => {
  if (reply === null) return '(nil)';
  if (typeof reply === 'number' || typeof reply === 'bigint') return `(integer) ${reply}`;
  if (typeof reply === 'string') return reply.includes('\n') ? reply.replace(/\r/g, '') : JSON.stringify(reply);
  if (reply instanceof Status) return reply.text;
  if (reply instanceof ErrorReply) return `(error) ${reply.text}`;
  if (reply instanceof MapReply) return listText(reply.entries.flat(), indent);
  if (reply instanceof SetReply || reply instanceof PushReply) return listText(reply.items, indent);
  if (reply instanceof DoubleReply || reply instanceof BooleanReply || reply instanceof VerbatimReply) return JSON.stringify(reply);
  return Array.isArray(reply) ? listText(reply as readonly Reply[], indent) : '(nil)';
};

const listText = (items: readonly Reply[], indent: string): string => {
  if (items.length === 0) return '(empty array)';
  const width = String(items.length).length;
  return items.map((item, index) => {
    const lead = `${String(index + 1).padStart(width)}) `;
    return `${index === 0 ? '' : indent}${lead}${replyText(item, indent + ' '.repeat(lead.length))}`;
  }).join('\n');
};
