/** Small servers by hand for the tests of clients: one that answers what it is told to, a data node, and a sentinel. */
import { type Bytes, type Connection, type Reply, bytes, encodeReply, error } from '../../../../engine/index.ts';
import { RequestDecoder } from '../../../../engine/protocol/requestDecoder.ts';
import { OK } from '../../../../engine/protocol/reply.ts';
import { roleWord } from '../../../../engine/protocol/wireNames.ts';
import type { SimProcess } from '../../../../sim/node/simProcess.ts';
import { PORT, type World } from '../echo.ts';

export type Respond = (argv: readonly Bytes[], connection: Connection) => Reply | undefined;

export interface FakeServer {
  readonly process: SimProcess;
  /** `name:port` */
  readonly place: string;
  /** The commands that it got. */
  readonly got: string[];
  /** Connections that are open now. */
  readonly connections: Set<Connection>;
  /** Closes them all from its side. */
  drop(): void;
}

/** A server that answers what `respond` says, or nothing. */
export const serve = (world: World, name: string, respond: Respond): FakeServer => {
  const got: string[] = [];
  const connections = new Set<Connection>();
  const process = world.process(name, (host) => {
    connections.clear();
    host.listen(bytes(''), PORT, (connection) => {
      const decoder = new RequestDecoder();
      connections.add(connection);
      return {
        onData: (chunk) => {
          decoder.push(chunk);
          for (let argv = decoder.next(); argv !== null && argv !== undefined; argv = decoder.next()) {
            got.push(argv.join(' '));
            const reply = respond(argv, connection);
            if (reply !== undefined) connection.write(encodeReply(reply, 2));
          }
        },
        onWritable: () => undefined,
        onClose: () => {
          connections.delete(connection);
          connection.close();
        },
      };
    }, () => undefined);
  });
  world.network.names.set(bytes(name), [process.machine.address]);
  process.start();
  const drop = (): void => process.submit(() => {
    for (const connection of connections) connection.close();
    connections.clear();
  });
  return { process, place: `${name}:${PORT}`, got, connections, drop };
};

/** Refuses all but AUTH until that came with the password; null: whatever the server answers. */
const guard = (password: string | undefined): ((argv: readonly Bytes[], connection: Connection) => Reply | null) => {
  const known = new Set<Connection>();
  return (argv, connection) => {
    if (argv[0] === 'AUTH') {
      if (argv[1] !== password) return error('WRONGPASS invalid username-password pair or user is disabled.');
      known.add(connection);
      return OK;
    }
    return password === undefined || known.has(connection) ? null : error('NOAUTH Authentication required.');
  };
};

export interface FakeNode extends FakeServer {
  role: 'primary' | 'replica';
  readonly address: string;
}

/** A data node: ROLE, writes that a replica refuses, and reads that say who answered. */
export const fakeNode = (world: World, name: string, role: 'primary' | 'replica', password?: string): FakeNode => {
  const check = guard(password);
  const server = serve(world, name, (argv, connection) => {
    const refused = check(argv, connection);
    if (refused !== null) return refused;
    switch (argv[0]) {
      case 'ROLE': return [bytes(roleWord(node.role)), 0, []];
      case 'SET': return node.role === 'primary' ? OK : error("READONLY You can't write against a read only replica.");
      default: return bytes(name);
    }
  });
  const node: FakeNode = { ...server, role, address: server.process.machine.address };
  return node;
};

export interface FakeSentinel extends FakeServer {
  /** The primary that it names; null: it knows none of that name. */
  primary: FakeNode | null;
  replicas: readonly FakeNode[];
  /** Flags of replicas, by name, where they are not plain. */
  readonly flags: Map<string, string>;
  readonly subscribers: Set<Connection>;
  /** Tells its subscribers that `primary` is now the one, and says so itself from now on. */
  announce(primary: FakeNode): void;
}

export const SERVICE = 'mymain';

/** A sentinel, as far as clients talk to it. */
export const fakeSentinel = (world: World, name: string, primary: FakeNode | null, password?: string): FakeSentinel => {
  const check = guard(password);
  const subscribers = new Set<Connection>();
  const server = serve(world, name, (argv, connection) => {
    const refused = check(argv, connection);
    if (refused !== null) return refused;
    switch (`${argv[0]} ${argv[0] === 'SENTINEL' ? argv[1] : ''}`.trim()) {
      case 'SENTINEL get-master-addr-by-name':
        return sentinel.primary === null || argv[2] !== SERVICE ? null : [bytes(sentinel.primary.address), bytes(String(PORT))];
      case 'SENTINEL REPLICAS': {
        if (sentinel.primary === null || argv[2] !== SERVICE) return error('ERR No such master with that name');
        return sentinel.replicas.map((node) => ['name', node.place, 'ip', node.address, 'port', String(PORT),
          'flags', sentinel.flags.get(node.process.name) ?? 'slave'].map(bytes));
      }
      case 'SUBSCRIBE':
        subscribers.add(connection);
        return [bytes('subscribe'), argv[1] ?? null, 1];
      case 'PING': return [bytes('pong'), bytes('')];
      default: return error('ERR unknown command');
    }
  });
  const sentinel: FakeSentinel = {
    ...server, primary, replicas: [], flags: new Map(), subscribers,
    announce: (to) => {
      const from = sentinel.primary?.address ?? '0.0.0.0';
      sentinel.primary = to;
      const text = bytes(`${SERVICE} ${from} ${PORT} ${to.address} ${PORT}`);
      const message = encodeReply([bytes('message'), bytes('+switch-master'), text], 2);
      server.process.submit(() => {
        for (const connection of subscribers) if (server.connections.has(connection)) connection.write(message);
      });
    },
  };
  return sentinel;
};
