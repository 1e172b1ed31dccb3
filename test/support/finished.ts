/** Takes all steps of something that is made in steps, and gives what comes of them. */
export const finished = <Made>(steps: Generator<unknown, Made>): Made => {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
};
