/**
 * What a client says to a server before it uses it, and what it accepts as an answer. A refused greeting closes the
 * connection: see `RedisClient`.
 */
import { type Bytes, ErrorReply, type Reply, type Role, bytes, roleOfWord, utf8 } from '../../engine/index.ts';
import type { Greeting } from './redisClient.ts';

/** AUTH; nothing where there is no password. */
export const authGreetings = (password: string | undefined): readonly Greeting[] =>
  (password === undefined ? [] : [{
    argv: [bytes('AUTH'), utf8(password)],
    refusal: (reply: Reply): string | null => (reply instanceof ErrorReply ? 'the password was refused' : null),
  }]);

/** ROLE: the server must say that it is what it was taken for. */
export const roleGreeting = (role: Role): Greeting => ({
  argv: [bytes('ROLE')],
  refusal: (reply) => (Array.isArray(reply) && roleOfWord(String(reply[0])) === role ? null : `it is no ${role}`),
});

const SUBSCRIBED: Bytes = bytes('subscribe');

export const subscribeGreeting = (channel: Bytes): Greeting => ({
  argv: [bytes('SUBSCRIBE'), channel],
  refusal: (reply) => (Array.isArray(reply) && reply[0] === SUBSCRIBED ? null : 'it lets nobody listen'),
});
