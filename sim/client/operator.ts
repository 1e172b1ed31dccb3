/**
 * The operator's client: one command to one server over a connection of its own, as an action of the plan asks for it. It
 * goes through the virtual network like any other, so it may fail.
 */
import { type Bytes, ErrorReply, type Host, Status } from '../../engine/index.ts';
import { RedisClient } from './redisClient.ts';

const TIMEOUT_MS = 5000;

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
        else if (reply === null) end('nil');
        else if (reply instanceof ErrorReply || reply instanceof Status) end(reply.text);
        else end(typeof reply === 'string' ? reply : 'done');
      }),
      lost: (reason) => end(reason),
    });
    client.open({ host: address, port });
  }
}
