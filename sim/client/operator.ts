/**
 * The operator's client: one command to one server over a connection of its own, as an action of the plan asks for it. It
 * goes through the virtual network like any other, so it may fail.
 */
import { type Bytes, ErrorReply, type Host, type Reply, Status } from '../../engine/index.ts';
import { RedisClient } from './redisClient.ts';

const TIMEOUT_MS = 5000;

/** A reply as people read it in one go: the members of a list behind one another. Of kinds that no operator is sent: `done`. */
export const describeReply = (reply: Reply): string => {
  if (reply === null) return 'nil';
  if (reply instanceof ErrorReply || reply instanceof Status) return reply.text;
  if (typeof reply === 'string') return reply;
  if (typeof reply === 'number' || typeof reply === 'bigint') return String(reply);
  if (isList(reply)) return reply.map(describeReply).join(' ');
  return 'done';
};

const isList = (reply: Reply): reply is readonly Reply[] => Array.isArray(reply);

export class Operator {
  private host: Host | null = null;

  /** The program: it does nothing until it is asked. */
  readonly program = (host: Host): void => {
    this.host = host;
  };

  /** Runs one command. `done` gets one line: what the server said, or why nothing was heard. Call inside a turn. */
  run(address: Bytes, port: number, argv: readonly Bytes[], done: (answer: string) => void): void {
    const { host } = this;
    if (host === null) return;
    let answered = false;
    const end = (text: string): void => {
      if (answered) return;
      answered = true;
      done(text);
      client.close('done');
    };
    const client = new RedisClient(host, TIMEOUT_MS, {
      opened: () => client.send(argv, (reply) => {
        if (reply === undefined) end('no answer');
        else end(describeReply(reply));
      }),
      lost: (reason) => end(reason),
    });
    client.open({ host: address, port });
  }
}
