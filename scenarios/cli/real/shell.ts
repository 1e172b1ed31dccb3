/** Runs the system's own tools for namespaces, devices and disks: beside us, so that the switch goes on switching. */
import { spawn } from 'node:child_process';
import { ConfigError } from '../../../engine/core/errors.ts';

/** Runs one program to its end with `input`; answers with its standard output. Rejects with a `ConfigError` of one line. */
export const run = (program: string, words: readonly string[], input: string = ''): Promise<string> => new Promise((resolve, reject) => {
  const child = spawn(program, [...words], { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  child.on('error', (error: NodeJS.ErrnoException) => reject(new ConfigError(
    error.code === 'ENOENT' ? `the real world needs the program '${program}', which is not here` : `${program}: ${error.message}`)));
  child.on('close', (status) => {
    if (status === 0) resolve(output);
    else reject(new ConfigError(`${program} ${words.join(' ')}: ${complaint.trim().split('\n')[0] ?? ''} (status ${status ?? 'none'})`));
  });
  // A program that ends before it has read everything is judged by its status.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
});

/** Commands of `ip`, one a line, in the namespace; all or an error. */
export const ip = async (namespace: string | null, commands: readonly string[]): Promise<void> => {
  if (commands.length === 0) return;
  await run('ip', [...(namespace === null ? [] : ['-n', namespace]), '-batch', '-'], `${commands.join('\n')}\n`);
};
