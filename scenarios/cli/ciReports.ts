/**
 * What continuous integration reads: a JUnit file, with a suite for each scenario and a case for each way of failing, and annotations
 * of GitHub Actions.
 *
 * Source: "Workflow commands for GitHub Actions" (escaping of messages and properties).
 */
import builderOf, { type Builder } from 'junit-report-builder';
import type { ExploreReport } from './exploreReport.ts';

/** The package's module is a builder itself; its types say that it had one as `default`. */
const module = builderOf as unknown as Builder;

/** The text of a JUnit file. A search that found nothing is one case that passed. */
export const junitText = (results: readonly ExploreReport[]): string => {
  const builder = module.newBuilder();
  for (const { scenario, runs, failed } of results) {
    const suite = builder.testSuite().name(scenario);
    if (failed.length === 0) suite.testCase().className(scenario).name(`no failure in ${runs} runs`);
    for (const { check, cause, detail, seed, replay, shrunk, entries } of failed) {
      suite.testCase().className(scenario).name(`${check}: ${cause}`).failure([
        `seed ${seed}: ${detail}`, `plan of ${entries} entries${shrunk === null ? '' : ' (shrunk)'}`, `again: ${replay}`,
      ].join('\n'), check);
    }
  }
  return builder.build();
};

/** One line for each way of failing. */
export const githubLines = (results: readonly ExploreReport[]): readonly string[] => results.flatMap(({ scenario, failed }) =>
  failed.map(({ check, detail, seed, runs, replay }) => `::error title=${escapeProperty(`${scenario}: ${check}`)}::${
    escapeMessage(`seed ${seed}: ${detail} (${runs} ${runs === 1 ? 'run' : 'runs'})\nagain: ${replay}`)}`));

const escapeMessage = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const escapeProperty = (text: string): string => escapeMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
