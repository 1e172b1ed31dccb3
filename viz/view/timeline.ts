/**
 * The picture as a part of the page: canvas, names of lanes, axis, hint; wheel, drag, fingers and keys. It asks the worker for
 * what happened in the window that is seen and beside it, one question at a time, and draws what it has meanwhile.
 */
import { scaleLinear, select } from 'd3';
import { COLUMNS_MAX, type Slice, type SliceRequest } from '../model/slice.ts';
import { NONE } from '../model/recording.ts';
import type { RunView } from '../model/theatre.ts';
import type { TheatreClient } from '../theatreClient.ts';
import { type Hit, hitAt } from './hit.ts';
import { type Layout, type LayoutTexts, layOut } from './layout.ts';
import { type MessageFamily, type Palette, familyOf, ownersOf, readPalette } from './palette.ts';
import { drawPicture } from './picture.ts';
import { type Scene, type Window, timeAt, xOf } from './scene.ts';
import { type TimeMap, type TimeMode, realTime, stepOrder, warpedTime } from './timeMap.ts';
import { PLACES, WHOLE, panned, revealing, zoomed } from './viewport.ts';

export interface TimelineEvents {
  /** Something was clicked, or a key chose it. */
  chosen(hit: Hit): void;
  /** A menu is asked for at this place of the page. */
  menu(hit: Hit, x: number, y: number): void;
  moved(window: Window): void;
}

/** Half of the longest text of a tick, in pixels. */
const TICK_REACH = 24;
const AXIS_HEIGHT = 26;
const ZOOM_STEP = 0.8;
/** What is asked for beyond either edge, as a share of what is seen: who pans sees it at once. */
const BESIDE = 0.5;
/** When less than this is left of it, more is asked for. */
const BESIDE_MIN = 0.2;
/** A slice whose columns are wider or narrower by more than this share is asked for anew. */
const ZOOM_TOLERANCE = 0.02;

export class Timeline {
  private readonly client: TheatreClient;
  private readonly events: TimelineEvents;
  private readonly names: HTMLElement;
  private readonly stage: HTMLElement;
  private readonly canvas: HTMLCanvasElement;
  private readonly axis: SVGSVGElement;
  private readonly hint: HTMLElement;
  private run: RunView | null = null;
  private layout: Layout = { rows: [], height: 0, laneRows: new Map(), rowsOf: new Map() };
  private laneTops: Float32Array = new Float32Array(0);
  private owners: ReadonlyMap<string, string> = new Map();
  private stageWidth = 1;
  private map: TimeMap = realTime(1);
  private window: Window = WHOLE;
  private palette: Palette;
  private slice: Slice | null = null;
  /** Places of the time map that its columns span. */
  private sliceFrom = 0;
  private sliceTo = 0;
  private isAsking = false;
  /** What is asked for now is not what is wanted any more. */
  private isStale = false;
  private isDrawing = false;
  private laneOf: Int16Array = new Int16Array(0);
  private nodeNames: ReadonlyMap<string, string> = new Map();
  now: number | null = null;
  about: ReadonlySet<string> = new Set();
  coveredFrom: number | null = null;
  selected: number | null = null;
  causes: ReadonlySet<number> = new Set();
  effects: ReadonlySet<number> = new Set();
  hiddenFamilies: ReadonlySet<MessageFamily> = new Set();
  /** Whose messages are not to be seen. */
  hiddenNodes: ReadonlySet<string> = new Set();
  /** Words of messages that are not to be seen. */
  isWordShown: (word: string) => boolean = () => true;

  constructor(root: HTMLElement, client: TheatreClient, events: TimelineEvents) {
    this.client = client;
    this.events = events;
    this.names = document.createElement('div');
    this.names.className = 'names';
    this.stage = document.createElement('div');
    this.stage.className = 'stage';
    this.stage.tabIndex = 0;
    this.stage.setAttribute('role', 'application');
    this.canvas = document.createElement('canvas');
    this.axis = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    this.axis.setAttribute('class', 'axis');
    this.axis.setAttribute('aria-hidden', 'true');
    this.hint = document.createElement('div');
    this.hint.className = 'hint';
    this.hint.hidden = true;
    this.stage.append(this.canvas, this.axis, this.hint);
    root.replaceChildren(this.names, this.stage);
    this.palette = readPalette(root);
    new ResizeObserver(() => {
      this.measure();
      this.changed();
    }).observe(this.stage);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.repaint());
    this.listen();
  }

  show(run: RunView, texts: LayoutTexts, nameOf: ReadonlyMap<string, string>, mode: TimeMode): void {
    this.run = run;
    this.nodeNames = nameOf;
    this.layout = layOut(run.lanes, run.beliefs, texts);
    const places = new Map([...this.layout.laneRows.keys()].map((name, place) => [name, place]));
    this.laneOf = Int16Array.from(run.nodes, (name) => places.get(name) ?? NONE);
    this.laneTops = Float32Array.from(this.layout.laneRows.values(), ({ top, height }) => top + height / 2);
    this.canvas.style.height = `${this.layout.height}px`;
    this.colour();
    this.measure();
    this.drawNames();
    this.setMode(mode);
  }

  setMode(mode: TimeMode): void {
    const { run } = this;
    if (run === null) return;
    const middle = timeAt(this.frame(), this.width / 2);
    this.map = mode === 'real' ? realTime(run.endAt)
      : mode === 'warped' ? warpedTime(run.endAt, [...run.moments, ...run.faults.flatMap(({ from, to }) => [{ at: from }, { at: to }])])
        : stepOrder(run.steps);
    const span = this.window.to - this.window.from;
    this.slice = null;
    if (span < 1) this.window = panned({ from: this.map.place(middle) - span / 2, to: this.map.place(middle) + span / 2 }, 0);
    this.changed();
  }

  get seen(): Window {
    return this.window;
  }

  look(window: Window): void {
    this.window = panned(window, 0);
    this.changed();
  }

  /** The window from one time to another, virtual microseconds. */
  lookAt(from: number, to: number): void {
    this.look({ from: this.map.place(from), to: Math.min(1, this.map.place(to)) });
  }

  /** Moves the window only as far as it must to show this time. */
  reveal(at: number): void {
    this.look(revealing(this.window, this.map.place(at)));
  }

  zoom(factor: number): void {
    this.look(zoomed(this.window, factor, this.now === null ? (this.window.from + this.window.to) / 2 : this.map.place(this.now)));
  }

  pan(by: number): void {
    this.look(panned(this.window, by));
  }

  /** What the picture is drawn from now; null before the first run. Exports draw it anew. */
  scene(): Scene | null {
    const { run } = this;
    if (run === null) return null;
    const lanes = [...this.layout.laneRows.values()];
    return {
      ...this.frame(), run, layout: this.layout, height: this.layout.height, palette: this.palette, slice: this.slice,
      sliceFrom: this.sliceFrom, sliceTo: this.sliceTo, now: this.now, about: this.about,
      coveredFrom: this.coveredFrom, selected: this.selected, causes: this.causes,
      effects: this.effects, hiddenFamilies: this.hiddenFamilies,
      laneTops: this.laneTops, owners: this.owners,
      family: (word, from, to) => familyOf(run.words[word] ?? '', lanes[from]?.lane.kind ?? '', lanes[to]?.lane.kind ?? ''),
      nameOf: (primary) => this.nameOf(primary),
    };
  }

  /** Colours may have changed. */
  repaint(): void {
    this.palette = readPalette(this.stage);
    this.colour();
    this.draw();
  }

  /** Something that is drawn has changed, but not what is seen. */
  draw(): void {
    if (this.isDrawing) return;
    this.isDrawing = true;
    requestAnimationFrame(() => {
      this.isDrawing = false;
      const scene = this.scene();
      if (scene === null) return;
      drawPicture(this.canvas, scene);
      this.drawAxis();
    });
  }

  /** To be asked of the page only when it may have changed: the answer makes it lay itself out. */
  private measure(): void {
    this.stageWidth = Math.max(1, this.stage.clientWidth);
  }

  private get width(): number {
    return this.stageWidth;
  }

  private colour(): void {
    this.owners = ownersOf(this.run?.beliefs ?? [], this.palette, (primary) => this.nameOf(primary));
  }

  private nameOf(primary: string): string {
    return this.nodeNames.get(primary) ?? primary;
  }

  private frame(): Pick<Scene, 'map' | 'window' | 'width'> {
    return { map: this.map, window: this.window, width: this.width };
  }

  private changed(): void {
    this.draw();
    if (!this.isCovered()) this.askForSlice();
    this.events.moved(this.window);
  }

  /** The newest slice shows all that is seen, as finely as can be. */
  private isCovered(): boolean {
    const { from, to } = this.window;
    const { run, slice, sliceFrom, sliceTo } = this;
    if (run === null || slice === null) return false;
    const beside = BESIDE_MIN * (to - from);
    const perPixel = (sliceTo - sliceFrom) / slice.operations.columns * this.width / (to - from);
    return (sliceFrom <= from - beside || sliceFrom <= PLACES.from) && (sliceTo >= to + beside || sliceTo >= PLACES.to)
      && Math.abs(perPixel - 1) < ZOOM_TOLERANCE;
  }

  private askForSlice(): void {
    const { run } = this;
    if (run === null) return;
    if (this.isAsking) {
      this.isStale = true;
      return;
    }
    this.isAsking = true;
    this.isStale = false;
    const { map, window: { from: left, to: right } } = this;
    const beside = BESIDE * (right - left);
    const from = Math.max(PLACES.from, left - beside);
    const to = Math.min(PLACES.to, right + beside);
    const columns = Math.min(COLUMNS_MAX, Math.max(1, Math.round(this.width * (to - from) / (right - left))));
    const request: SliceRequest = {
      edges: Float64Array.from({ length: columns + 1 }, (_, edge) => map.at(from + edge * (to - from) / columns)),
      lanes: this.layout.laneRows.size, laneOf: this.laneOf, words: Uint8Array.from(run.words, (word) => (this.isWordShown(word) ? 1 : 0)),
      talkers: Uint8Array.from(run.nodes, (name) => (this.hiddenNodes.has(name) ? 0 : 1)),
    };
    const done = (): void => {
      this.isAsking = false;
      if (this.run !== null && (this.isStale || this.run !== run)) this.askForSlice();
    };
    this.client.ask('slice', { run: run.id, request }).then((slice) => {
      if (this.run === run && this.map === map) {
        this.slice = slice;
        this.sliceFrom = from;
        this.sliceTo = to;
        this.draw();
      }
      done();
    }, done);
  }

  /** The filter of words has changed. */
  refilter(): void {
    this.askForSlice();
    this.draw();
  }

  private drawNames(): void {
    this.names.replaceChildren(...this.layout.rows.map((row) => {
      const isLane = row.kind === 'lane';
      const name: HTMLElement = document.createElement(isLane ? 'button' : 'div');
      name.className = row.kind;
      name.textContent = row.height >= 12 ? row.name : '';
      name.title = row.name;
      name.style.height = `${row.height}px`;
      if (isLane) {
        // Without a time that is shown a node is looked at as the run left it; what is done to it is done in what is seen.
        const hit = (otherwise: number): Hit => ({ row: null, lane: row.name, at: this.now ?? otherwise, text: '' });
        name.addEventListener('click', () => this.events.chosen(hit(this.run?.endAt ?? 0)));
        name.addEventListener('contextmenu', (event) => {
          event.preventDefault();
          this.events.menu(hit(timeAt(this.frame(), this.width / 2)), event.clientX, event.clientY);
        });
      }
      return name;
    }));
  }

  private drawAxis(): void {
    const { width } = this;
    this.axis.setAttribute('width', String(width));
    this.axis.setAttribute('height', String(AXIS_HEIGHT));
    const [from, to] = [timeAt(this.frame(), 0) / 1e6, timeAt(this.frame(), width) / 1e6];
    const span = to - from;
    const digits = span > 20 ? 0 : span > 2 ? 1 : span > 0.2 ? 2 : span > 0.02 ? 3 : 6;
    // Ticks stand at round times, wherever the time map puts those.
    const places = scaleLinear().domain([from, to]).ticks(Math.max(2, Math.floor(width / 110)))
      .map((seconds) => ({ seconds, x: xOf(this.frame(), seconds * 1e6) }));
    const ticks = select(this.axis).selectAll<SVGGElement, unknown>('g').data(places).join((enter) => {
      const tick = enter.append('g');
      tick.append('line').attr('y2', 6);
      tick.append('text').attr('y', 18);
      return tick;
    });
    ticks.attr('transform', ({ x }) => `translate(${x},0)`);
    // At the edges a text would be cut in half.
    ticks.select('text').attr('text-anchor', ({ x }) => (x < TICK_REACH ? 'start' : x > width - TICK_REACH ? 'end' : 'middle')).text(({ seconds }) => `${seconds.toFixed(digits)} s`);
  }

  private listen(): void {
    const { stage } = this;
    stage.addEventListener('wheel', (event) => {
      event.preventDefault();
      const isPan = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      if (isPan) this.pan((event.deltaX + event.deltaY) / this.width);
      else {
        const x = event.clientX - stage.getBoundingClientRect().left;
        this.look(zoomed(this.window, event.deltaY > 0 ? 1 / ZOOM_STEP : ZOOM_STEP, this.placeAt(x)));
      }
    }, { passive: false });
    const fingers = new Map<number, number>();
    let hasMoved = false;
    stage.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      fingers.set(event.pointerId, event.clientX);
      stage.setPointerCapture(event.pointerId);
      hasMoved = false;
    });
    stage.addEventListener('pointermove', (event) => {
      const before = fingers.get(event.pointerId);
      if (before === undefined) {
        this.showHint(event);
        return;
      }
      const others = [...fingers].filter(([id]) => id !== event.pointerId);
      if (Math.abs(event.clientX - before) > 2) hasMoved = true;
      if (!hasMoved) return;
      fingers.set(event.pointerId, event.clientX);
      const [other] = others;
      if (other === undefined) this.pan((before - event.clientX) / this.width);
      else this.pinch(other[1], before, event.clientX);
    });
    const release = (event: PointerEvent): void => {
      const isClick = fingers.delete(event.pointerId) && !hasMoved && event.type === 'pointerup';
      if (isClick) this.events.chosen(this.hit(event));
    };
    stage.addEventListener('pointerup', release);
    stage.addEventListener('pointercancel', release);
    stage.addEventListener('pointerleave', () => {
      this.hint.hidden = true;
    });
    stage.addEventListener('contextmenu', (event) => {
      event.preventDefault();
      this.events.menu(this.hit(event), event.clientX, event.clientY);
    });
  }

  private pinch(still: number, before: number, after: number): void {
    const left = this.stage.getBoundingClientRect().left;
    const [was, is] = [Math.abs(before - still), Math.abs(after - still)];
    if (was > 0 && is > 0) this.look(zoomed(this.window, was / is, this.placeAt(still - left)));
  }

  private placeAt(x: number): number {
    return this.window.from + x / this.width * (this.window.to - this.window.from);
  }

  private hit(event: MouseEvent): Hit {
    const scene = this.scene();
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    if (scene === null) return { row: null, lane: null, at: 0, text: '' };
    const hit = hitAt(scene, x, y);
    return this.coveredFrom === null || hit.at < this.coveredFrom ? hit
      : { ...hit, row: null, text: '', at: this.coveredFrom - 1 };
  }

  private showHint(event: PointerEvent): void {
    const hit = this.hit(event);
    this.hint.hidden = hit.text === '';
    if (hit.text === '') return;
    this.hint.textContent = `${(hit.at / 1e6).toFixed(6)} s  ${hit.text}`;
    const box = this.stage.getBoundingClientRect();
    this.hint.style.left = `${Math.min(event.clientX - box.left + 12, box.width - 260)}px`;
    this.hint.style.top = `${event.clientY - box.top + 14}px`;
  }
}

