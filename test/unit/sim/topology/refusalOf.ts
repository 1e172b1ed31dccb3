/** What an importer says of a file that it must refuse. */
import { expect } from 'vitest';
import { ScenarioError } from '../../../../engine/core/errors.ts';

/** The one line of the refusal. Fails where nothing is refused. */
export const refusalOf = (load: () => unknown): string => {
  try {
    load();
  } catch (error) {
    expect(error).toBeInstanceOf(ScenarioError);
    expect((error as ScenarioError).message).not.toContain('\n');
    return (error as ScenarioError).message;
  }
  throw new Error('was accepted');
};
