/**
 * The package as others get it: packed, unpacked into an empty project, its dependencies linked to ours. Nothing is fetched. Needs
 * `dist/` (npm run build).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url));

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

/** What the project has besides: its test runner, and what the optional peer is for. */
const OWN_PACKAGES = ['vitest', 'fast-check'];

/** Packs, and returns the directory of the project. */
export const packedProject = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-packed-'));
  const environment = { ...process.env, npm_config_ignore_scripts: 'true', npm_config_update_notifier: 'false' };
  execFileSync('npm', ['pack', '--pack-destination', directory], { cwd: ROOT, env: environment, stdio: 'pipe' });
  const name = readdirSync(directory).find((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error('npm pack made no package');
  const modules = join(directory, 'node_modules');
  mkdirSync(join(modules, 'faultline'), { recursive: true });
  execFileSync('tar', ['-xzf', join(directory, name), '--strip-components=1', '-C', join(modules, 'faultline')]);
  const { dependencies } = JSON.parse(readFileSync(join(modules, 'faultline', 'package.json'), 'utf8')) as Manifest;
  for (const dependency of [...Object.keys(dependencies), ...OWN_PACKAGES]) {
    const link = join(modules, dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', dependency), link, 'dir');
  }
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'somebody-else', private: true, type: 'module' }));
  return directory;
};
