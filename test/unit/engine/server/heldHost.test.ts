import { describe, expect, it } from 'vitest';
import { bytes } from '../../../../engine/core/bytes.ts';
import { ms } from '../../../../engine/core/units.ts';
import type { Connection, ConnectionHandlers, Host } from '../../../../engine/host.ts';
import { OK } from '../../../../engine/protocol/reply.ts';
import { HeldHost } from '../../../../engine/server/heldHost.ts';
import { FakeHost } from '../../../support/fakeHost.ts';

/** A fake host that is listened on, and whose turns end when the test says so. */
class Listened extends FakeHost {
  accept: (connection: Connection) => ConnectionHandlers = () => {
    throw new Error('nobody listens yet');
  };
  endTurn: () => void = () => {};

  override listen(...[, , accept, listening]: Parameters<Host['listen']> | []): void {
    if (accept !== undefined) this.accept = accept;
    listening?.({ port: 1, close: () => {} });
  }

  override onTurnEnd(handler?: () => void): void {
    if (handler !== undefined) this.endTurn = handler;
  }
}

const connection = (heard: string[]): Connection => ({
  localAddress: bytes('10.0.0.1'), localPort: 1, remoteAddress: bytes('10.0.0.2'), remotePort: 2,
  write: (chunk) => heard.push(`wrote ${chunk}`) > 0, close: () => heard.push('closed'), reset: () => heard.push('reset'),
  pause: () => heard.push('paused'), resume: () => heard.push('resumed'),
});

const recorder = (heard: string[], name: string, onData: (chunk: string) => void = () => {}): ConnectionHandlers => ({
  onData: (chunk) => {
    heard.push(`${name} got ${chunk}`);
    onData(chunk);
  },
  onWritable: () => heard.push(`${name} has room`),
  onClose: (error) => heard.push(`${name} lost: ${error}`),
});

describe('HeldHost', () => {
  it('keeps what happens from a held program until the release, in order', () => {
    const inner = new Listened();
    const host = new HeldHost(inner);
    const heard: string[] = [];
    host.onTurnEnd(() => heard.push('turn ended'));
    host.listen(bytes('*'), 1, () => recorder(heard, 'first'), () => {});
    const handlers = inner.accept(connection(heard));
    host.setTimer(ms(5), () => heard.push('timer'));
    handlers.onData(bytes('a'));
    host.hold();
    handlers.onData(bytes('b'));
    inner.endTurn();
    inner.advance(10);
    handlers.onWritable();
    handlers.onClose(null);
    expect(heard).toEqual(['first got a', 'paused']);
    host.release();
    inner.endTurn();
    expect(heard.slice(2)).toEqual(['resumed', 'first got b', 'timer', 'first has room', 'first lost: null', 'turn ended']);
  });

  it('accepts at the release who came meanwhile, and then hears him', () => {
    const inner = new Listened();
    const host = new HeldHost(inner);
    const heard: string[] = [];
    host.listen(bytes('*'), 1, () => {
      heard.push('accepted');
      return recorder(heard, 'late');
    }, () => {});
    host.hold();
    inner.accept(connection([])).onData(bytes('a'));
    expect(heard).toEqual([]);
    host.release();
    expect(heard).toEqual(['accepted', 'late got a']);
  });

  it('drops what was called off before the release: a timer, and the input of a connection that was closed', () => {
    const inner = new Listened();
    const host = new HeldHost(inner);
    const heard: string[] = [];
    const timer = host.setTimer(ms(1), () => heard.push('timer'));
    const accepted: Connection[] = [];
    host.listen(bytes('*'), 1, (one) => {
      accepted.push(one);
      const name = accepted.length === 1 ? 'first' : 'second';
      return recorder(heard, name, () => {
        accepted[1]?.close();
        host.clearTimer(timer);
      });
    }, () => {});
    const first = inner.accept(connection([]));
    const second = inner.accept(connection([]));
    host.hold();
    first.onData(bytes('a'));
    second.onData(bytes('b'));
    inner.advance(2);
    host.release();
    expect(heard).toEqual(['first got a']);
  });

  it('stops again where what it hands over holds the program', () => {
    const inner = new Listened();
    const host = new HeldHost(inner);
    const heard: string[] = [];
    host.listen(bytes('*'), 1, () => recorder(heard, 'client', (chunk) => {
      if (chunk === 'hold') host.hold();
    }), () => {});
    const client = inner.accept(connection([]));
    host.hold();
    client.onData(bytes('hold'));
    client.onData(bytes('b'));
    host.release();
    client.onData(bytes('c'));
    expect(heard).toEqual(['client got hold']);
    host.release();
    expect(heard).toEqual(['client got hold', 'client got b', 'client got c']);
  });

  it('lets him who holds talk through the host within', () => {
    const inner = new Listened();
    const host = new HeldHost(inner);
    const heard: string[] = [];
    inner.answerers.set('10.0.0.9:1', () => OK);
    host.hold();
    const options = { keepAliveMs: ms(0), bind: null };
    host.connect(bytes('10.0.0.9'), 1, options, recorder(heard, 'held'), () => heard.push('held opened'));
    host.inner.connect(bytes('10.0.0.9'), 1, options, recorder(heard, 'free'), (result) => {
      heard.push('free opened');
      if (typeof result !== 'string') result.write(bytes('*1\r\n$4\r\nPING\r\n'));
    });
    inner.advance(1);
    expect(heard).toEqual(['free opened', 'free got +OK\r\n']);
    host.release();
    expect(heard.slice(2)).toEqual(['held opened']);
  });

  it('gives up a connection that was opened while held and cancelled since', () => {
    const inner = new Listened();
    const host = new HeldHost(inner);
    const heard: string[] = [];
    inner.answerers.set('10.0.0.9:1', () => OK);
    const attempt = host.connect(bytes('10.0.0.9'), 1, { keepAliveMs: ms(0), bind: null }, recorder(heard, 'x'), () => heard.push('opened'));
    host.hold();
    inner.advance(1);
    attempt.cancel();
    host.release();
    expect(heard).toEqual([]);
    expect(inner.connections.map((one) => one.isOpen)).toEqual([false]);
  });
});
