/** The button that stops a run: it shows itself when one takes longer than people wait without asking. */
import type { TheatreClient } from './theatreClient.ts';

const PATIENCE_MS = 400;

export const offerStop = (stop: HTMLButtonElement, client: TheatreClient): void => {
  let patience = 0;
  client.onRunning = (isRunning) => {
    clearTimeout(patience);
    if (isRunning) patience = window.setTimeout(() => {
      stop.hidden = false;
    }, PATIENCE_MS);
    else stop.hidden = true;
  };
  stop.addEventListener('click', () => client.stop());
};
