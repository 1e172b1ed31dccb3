/** A snapshot on its way in, cut at every byte, in both forms of its header. */
import { describe, expect, test } from 'vitest';
import { type Bytes, bytes } from '../../../../engine/core/bytes.ts';
import { type File, type Files, type Host, HostFileError } from '../../../../engine/host.ts';
import { SnapshotTransfer } from '../../../../engine/replication/snapshotTransfer.ts';

/** A directory in memory; `failing` names the call that the disk refuses. */
class Disk {
  readonly files: Map<string, string> = new Map();
  failing: string | null = null;
  readonly calls: string[] = [];

  host(): Host {
    const { files: contents, calls } = this;
    const call = (name: string): void => {
      calls.push(name);
      if (this.failing === name) throw new HostFileError('full', `${name}: no space left`);
    };
    const file = (path: Bytes): File => ({
      append: (chunk) => {
        call('append');
        contents.set(path, (contents.get(path) ?? '') + chunk);
      },
      syncNow: () => call('syncNow'), sync: () => undefined,
      truncate: (size) => void contents.set(path, (contents.get(path) ?? '').slice(0, size)),
      size: () => (contents.get(path) ?? '').length, read: () => bytes(''), close: () => undefined,
    });
    const files = {
      open: (path: Bytes): File => {
        call('open');
        contents.set(path, '');
        return file(path);
      },
      rename: (from: Bytes, to: Bytes): void => {
        call('rename');
        contents.set(to, contents.get(from) ?? '');
        contents.delete(from);
      },
      remove: (path: Bytes): void => {
        call('remove');
        contents.delete(path);
      },
      syncDirectory: () => call('syncDirectory'),
    } as unknown as Files;
    return { files, pid: 7, wallMs: () => 5000, log: () => undefined } as unknown as Host;
  }
}

const MARK = 'f0e1'.repeat(10);
const BODY = `REDIS0010 some bytes \r\n $5 \n ${MARK.slice(0, 20)} and more \xff\x00`;

/** The outcome of feeding these chunks: what is left over, or why it is broken. */
const feed = (disk: Disk, chunks: readonly string[]): { rest: string; file: string | undefined } | string => {
  const transfer = new SnapshotTransfer(disk.host());
  for (const [index, chunk] of chunks.entries()) {
    const result = transfer.receive(bytes(chunk));
    if (result.state === 'broken') return result.reason;
    if (result.state === 'more') continue;
    const rest = result.rest + chunks.slice(index + 1).join('');
    return { rest, file: disk.files.get(transfer.temporaryPath) };
  }
  return 'more';
};

const cutAt = (text: string, at: number): string[] => [text.slice(0, at), text.slice(at)].filter((part) => part !== '');

describe('SnapshotTransfer', () => {
  const sized = `\n\n$${BODY.length}\r\n${BODY}`;
  const marked = `\n$EOF:${MARK}\r\n${BODY}${MARK}`;

  test('by length, cut at every byte, with the stream behind it', () => {
    for (let at = 0; at <= sized.length; at++) {
      expect([at, feed(new Disk(), cutAt(`${sized}*1\r\n`, at))]).toEqual([at, { rest: '*1\r\n', file: BODY }]);
    }
  });

  test('by its end mark, cut at every byte', () => {
    for (let at = 0; at <= marked.length; at++) expect([at, feed(new Disk(), cutAt(marked, at))]).toEqual([at, { rest: '', file: BODY }]);
  });

  test('byte by byte', () => {
    expect(feed(new Disk(), [...sized])).toEqual({ rest: '', file: BODY });
    expect(feed(new Disk(), [...marked])).toEqual({ rest: '', file: BODY });
  });

  test('newlines in front of the header keep the link alive and mean nothing', () => {
    expect(feed(new Disk(), ['\n', '\n', '\n\n', '$2\r\nab'])).toEqual({ rest: '', file: 'ab' });
  });

  test('an empty snapshot', () => expect(feed(new Disk(), ['$0\r\n'])).toEqual({ rest: '', file: '' }));

  test.each([
    ['-ERR no\r\n', 'MASTER aborted replication with an error: ERR no'],
    ['+OK\r\n', "Bad protocol from MASTER, the first byte is not '$'"],
    ['$12x\r\n', "Bad protocol from MASTER, the first byte is not '$'"],
    ['$EOF:short\r\n', "Bad protocol from MASTER, the first byte is not '$'"],
    ['x'.repeat(65), 'no end of the snapshot header'],
  ])('%j is broken', (input, reason) => expect(feed(new Disk(), [input])).toBe(reason));

  test('a finished file is synced, renamed, and its directory synced, in that order; then it stays', () => {
    const disk = new Disk();
    const transfer = new SnapshotTransfer(disk.host());
    transfer.receive(bytes('$2\r\nab'));
    transfer.finish(bytes('dump.rdb'));
    transfer.abandon();
    expect(disk.calls).toEqual(['open', 'append', 'syncNow', 'rename', 'syncDirectory']);
    expect([...disk.files]).toEqual([['dump.rdb', 'ab']]);
  });

  test('an abandoned one leaves nothing, whatever the disk says', () => {
    const disk = new Disk();
    const transfer = new SnapshotTransfer(disk.host());
    transfer.receive(bytes('$5\r\nab'));
    transfer.abandon();
    expect(disk.files.size).toBe(0);
    disk.failing = 'remove';
    expect(() => new SnapshotTransfer(disk.host()).abandon()).not.toThrow();
  });

  test.each(['open', 'append', 'syncNow', 'rename'])('a disk that fails at %s says so', (call) => {
    const disk = new Disk();
    disk.failing = call;
    expect(() => {
      const transfer = new SnapshotTransfer(disk.host());
      transfer.receive(bytes('$2\r\nab'));
      transfer.finish(bytes('dump.rdb'));
    }).toThrow(HostFileError);
  });
});
