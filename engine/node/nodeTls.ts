/**
 * TLS over real sockets, by node:tls, told what to do in the words of Redis's directives.
 *
 * Always holds: whoever is connected to must show a certificate that the authorities have signed, for whatever name; so must whoever
 * connects, unless the settings say otherwise. New settings are for new connections.
 * Source: tls.c of Redis 7.0 (createSSLContext, tlsConfigure), for behaviour; node:tls.
 */
import { constants, createPrivateKey } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { type Server as TcpServer, type TcpNetConnectOpts, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import {
  type ConnectionOptions, type SecureContextOptions, type SecureVersion, type Server, type TLSSocket, type TlsOptions,
  connect, createSecureContext, createServer,
} from 'node:tls';
import type { Bytes } from '../core/bytes.ts';
import type { TlsSettings } from '../host.ts';

/** From the oldest. Those that are not named are refused one by one. */
const PROTOCOLS: readonly { readonly word: string; readonly version: SecureVersion; readonly refusal: number }[] = [
  { word: 'tlsv1', version: 'TLSv1', refusal: constants.SSL_OP_NO_TLSv1 },
  { word: 'tlsv1.1', version: 'TLSv1.1', refusal: constants.SSL_OP_NO_TLSv1_1 },
  { word: 'tlsv1.2', version: 'TLSv1.2', refusal: constants.SSL_OP_NO_TLSv1_2 },
  { word: 'tlsv1.3', version: 'TLSv1.3', refusal: constants.SSL_OP_NO_TLSv1_3 },
];
const DEFAULT_PROTOCOLS = 'TLSv1.2 TLSv1.3';
/** OpenSSL's own, for each of the two kinds: Node takes both in one list. */
const DEFAULT_CIPHERSUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256';
const DEFAULT_CIPHERS = 'DEFAULT';

/** A file that cannot be used, in words for the log. */
class Unusable extends Error {
  override readonly name = 'Unusable';
}

const reason = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure));

/** One listening socket: what becomes of those who come there. */
interface Gate {
  readonly accepted: (socket: TLSSocket) => void;
  readonly refused: (error: Error, socket: TLSSocket) => void;
  /** Null only while it is being made. */
  handshakes: Server | null;
}

export class NodeTls {
  private readonly place: (path: Bytes) => string;
  private serverOptions: TlsOptions = {};
  private clientOptions: SecureContextOptions = {};
  private readonly gates: Set<Gate> = new Set();

  /** `place`: where a file of the program is. */
  constructor(place: (path: Bytes) => string) {
    this.place = place;
  }

  configure(settings: TlsSettings): string | null {
    let common: SecureContextOptions;
    let server: TlsOptions;
    let client: SecureContextOptions;
    try {
      common = this.commonOptions(settings);
      server = {
        ...common, ...this.identity(settings.certFile, settings.keyFile, settings.keyFilePass),
        requestCert: settings.authClients !== 'no', rejectUnauthorized: settings.authClients === 'yes',
        sessionTimeout: settings.sessionSeconds,
      };
      client = settings.clientCertFile === '' ? { ...common, ...this.identity(settings.certFile, settings.keyFile, settings.keyFilePass) }
        : { ...common, ...this.identity(settings.clientCertFile, settings.clientKeyFile, settings.clientKeyFilePass) };
      // Keys that do not fit, ciphers that nobody knows: better told now than at each connection.
      createSecureContext(server);
      createSecureContext(client);
    } catch (failure) {
      return failure instanceof Unusable ? failure.message : `Failed to configure TLS: ${reason(failure)}`;
    }
    this.serverOptions = server;
    this.clientOptions = client;
    for (const gate of this.gates) gate.handshakes = this.makeHandshakes(gate);
    return null;
  }

  /** A server that is not listening yet. `accepted` gets each connection once both sides trust each other. */
  createServer(keepAliveMs: number, accepted: (socket: TLSSocket) => void, refused: (error: Error, socket: TLSSocket) => void): TcpServer {
    const gate: Gate = { accepted, refused, handshakes: null };
    gate.handshakes = this.makeHandshakes(gate);
    const server = createTcpServer({
      allowHalfOpen: true, noDelay: true, keepAlive: keepAliveMs > 0, keepAliveInitialDelay: keepAliveMs,
    }, (socket) => void gate.handshakes?.emit('connection', socket));
    this.gates.add(gate);
    server.on('close', () => this.gates.delete(gate));
    return server;
  }

  /** It does not listen: whoever does hands connections over, so that it can be made anew with other settings. */
  private makeHandshakes({ accepted, refused }: Gate): Server {
    const server = createServer({ ...this.serverOptions, allowHalfOpen: true }, accepted);
    server.on('tlsClientError', refused);
    return server;
  }

  connect(address: string, port: number, local: string | null, keepAliveMs: number): TLSSocket {
    const options: ConnectionOptions & Pick<TcpNetConnectOpts, 'localAddress' | 'allowHalfOpen'> = {
      ...this.clientOptions, host: address, port, rejectUnauthorized: true, checkServerIdentity: () => undefined, allowHalfOpen: true,
      ...(local === null ? {} : { localAddress: local }),
    };
    const socket = connect(options);
    socket.setNoDelay(true);
    if (keepAliveMs > 0) socket.setKeepAlive(true, keepAliveMs);
    return socket;
  }

  private commonOptions(settings: TlsSettings): SecureContextOptions {
    const { ciphers, ciphersuites } = settings;
    const ca = [
      ...(settings.caCertFile === '' ? [] : [this.read(settings.caCertFile, 'CA certificate(s) file')]),
      ...(settings.caCertDir === '' ? [] : this.readDirectory(settings.caCertDir)),
    ];
    return {
      ...protocolOptions(settings), ...(ca.length === 0 ? {} : { ca }),
      ciphers: `${ciphersuites === '' ? DEFAULT_CIPHERSUITES : ciphersuites}:${ciphers === '' ? DEFAULT_CIPHERS : ciphers}`,
      honorCipherOrder: settings.prefersServerCiphers,
      ...(settings.dhParamsFile === '' ? {} : { dhparam: this.read(settings.dhParamsFile, 'DH params file') }),
    };
  }

  private identity(certFile: Bytes, keyFile: Bytes, passphrase: Bytes): SecureContextOptions {
    const cert = this.read(certFile, 'certificate');
    const key = this.read(keyFile, 'private key');
    const pass = Buffer.from(passphrase, 'latin1').toString();
    try {
      createPrivateKey(pass === '' ? key : { key, passphrase: pass });
    } catch (failure) {
      throw new Unusable(`Failed to load private key: ${keyFile}: ${reason(failure)}`);
    }
    return { cert, key, ...(pass === '' ? {} : { passphrase: pass }) };
  }

  private read(path: Bytes, what: string): string {
    try {
      return readFileSync(this.place(path), 'latin1');
    } catch (failure) {
      throw new Unusable(`Failed to load ${what}: ${path}: ${reason(failure)}`);
    }
  }

  private readDirectory(path: Bytes): string[] {
    const directory = this.place(path);
    try {
      return readdirSync(directory, { withFileTypes: true }).filter((entry) => !entry.isDirectory())
        .map((entry) => readFileSync(join(directory, entry.name), 'latin1')).filter((text) => text.includes('BEGIN CERTIFICATE'));
    } catch (failure) {
      throw new Unusable(`Failed to configure CA certificate(s) directory: ${path}: ${reason(failure)}`);
    }
  }
}

const protocolOptions = ({ protocols, keepsSessions }: TlsSettings): SecureContextOptions => {
  const words = (protocols === '' ? DEFAULT_PROTOCOLS : protocols).toLowerCase().split(' ').filter((word) => word !== '');
  const chosen = PROTOCOLS.filter(({ word }) => words.includes(word));
  const [oldest] = chosen;
  const newest = chosen.at(-1);
  if (oldest === undefined || newest === undefined || chosen.length < new Set(words).size) {
    throw new Unusable('Invalid tls-protocols specified. Use a combination of TLSv1, TLSv1.1, TLSv1.2 and TLSv1.3.');
  }
  const refused = PROTOCOLS.filter((one) => !chosen.includes(one)).reduce((mask, { refusal }) => mask | refusal, 0);
  return {
    minVersion: oldest.version, maxVersion: newest.version, secureOptions: refused | (keepsSessions ? 0 : constants.SSL_OP_NO_TICKET),
  };
};
