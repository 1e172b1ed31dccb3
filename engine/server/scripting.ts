/** Everything that runs scripts on one server, put together. The engine is made when the first script or library comes. */
import type { CommandRow } from '../commands/command.ts';
import type { CreateScriptEngine, ScriptEngine } from '../scripting/scriptEngine.ts';
import type { Dispatch, DispatchParts } from './dispatch.ts';
import { functionCommands } from './functionCommands.ts';
import { FunctionLibraries } from './functionLibraries.ts';
import { ScriptCalls } from './scriptCalls.ts';
import { ScriptCache, scriptCommands } from './scriptCommands.ts';
import { ScriptRunner } from './scriptRunner.ts';

export class Scripting {
  readonly cache: ScriptCache;
  readonly libraries: FunctionLibraries;
  readonly commands: readonly CommandRow[];
  private readonly create: CreateScriptEngine | null;
  private readonly calls: ScriptCalls;
  private made: ScriptEngine | null = null;

  /** `create`: null in a build without scripts. */
  constructor(parts: DispatchParts, dispatch: Dispatch, isClustered: boolean, create: CreateScriptEngine | null) {
    this.create = create;
    this.calls = new ScriptCalls({ ...parts, dispatch, isClustered });
    const engine = (): ScriptEngine | null => this.engine();
    const runner = new ScriptRunner({
      ...parts, suspension: dispatch.suspension, isClustered, calls: this.calls,
      wake: (reply) => dispatch.wake(reply),
    });
    this.cache = new ScriptCache(engine);
    this.libraries = new FunctionLibraries(engine);
    parts.keyspace.libraries = this.libraries;
    this.commands = [...scriptCommands(this.cache, runner, engine), ...functionCommands(this.libraries, runner, engine)];
  }

  private engine(): ScriptEngine | null {
    if (this.made === null && this.create !== null) this.made = this.create(this.calls);
    return this.made;
  }
}
