/**
 * The server's one child process. It copies a snapshot from its standard input to a file (written under a temporary name,
 * synced, renamed, and its directory synced) or to its standard output, and ends with status 0 only when all of it is
 * there. What goes wrong is said on standard error, which the parent reports.
 *
 * Always holds: without the last frame nothing is renamed; when the parent dies the input ends, and so does the child.
 * Run as `node snapshotChild.js file|pipe`; everything is synchronous, since it has nothing else to do.
 */
import { constants, closeSync, fsyncSync, openSync, readSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { FRAME_HEADER_BYTES } from './snapshotFrames.ts';

const STDIN = 0;
const STDOUT = 1;
const READ_BYTES = 256 * 1024;

/** Reads frames in pieces, so that no frame needs to fit into memory as a whole. */
class FrameReader {
  private readonly buffer = Buffer.allocUnsafe(READ_BYTES);
  private from = 0;
  private to = 0;
  /** What is still to come of the present frame. */
  private remaining = 0;

  /** Starts the next frame; its length. */
  next(): number {
    let length = 0;
    for (let index = 0; index < FRAME_HEADER_BYTES; index++) {
      if (this.from === this.to) this.fill();
      length = length * 256 + (this.buffer[this.from] as number);
      this.from++;
    }
    this.remaining = length;
    return length;
  }

  /** The next piece of the present frame, valid until the next call; null behind its end. */
  piece(): Buffer | null {
    if (this.remaining === 0) return null;
    if (this.from === this.to) this.fill();
    const length = Math.min(this.remaining, this.to - this.from);
    const piece = this.buffer.subarray(this.from, this.from + length);
    this.from += length;
    this.remaining -= length;
    return piece;
  }

  /** The whole next frame, which is a short one. */
  short(): Buffer {
    this.next();
    const pieces: Buffer[] = [];
    for (let piece = this.piece(); piece !== null; piece = this.piece()) pieces.push(Buffer.from(piece));
    return Buffer.concat(pieces);
  }

  private fill(): void {
    this.from = 0;
    this.to = readSync(STDIN, this.buffer, 0, READ_BYTES, null);
    if (this.to === 0) throw new Error('the snapshot ended before it was complete');
  }
}

const copy = (frames: FrameReader, descriptor: number): void => {
  while (frames.next() !== 0) {
    for (let piece = frames.piece(); piece !== null; piece = frames.piece()) {
      for (let written = 0; written < piece.length;) {
        written += writeSync(descriptor, piece, written, piece.length - written);
      }
    }
  }
};

const saveFile = (frames: FrameReader): void => {
  const temporaryPath = frames.short();
  const path = frames.short();
  try {
    const descriptor = openSync(temporaryPath, 'w', 0o644);
    copy(frames, descriptor);
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(temporaryPath, path);
  } catch (error) {
    removeQuietly(temporaryPath);
    throw error;
  }
  const slash = path.lastIndexOf('/');
  const directory = openSync(slash < 0 ? '.' : path.subarray(0, slash + 1), constants.O_RDONLY);
  fsyncSync(directory);
  closeSync(directory);
};

const removeQuietly = (path: Buffer): void => {
  try {
    unlinkSync(path);
  } catch {
    // It was never made: the error that brought us here says more.
  }
};

// Ctrl-C in a terminal reaches the whole group; when to stop is the parent's decision, and it closes our input.
process.on('SIGINT', () => {});
try {
  const frames = new FrameReader();
  if (process.argv[2] === 'file') saveFile(frames);
  else copy(frames, STDOUT);
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
