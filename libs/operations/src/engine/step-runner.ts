import { SpanStatusCode, context as otel, propagation, trace, type Context } from '@opentelemetry/api';
import { Fault, SCHEDULER_QUEUE, describeError, volumeQueue } from '@scoria/domain';
import { nextStep, nextUndo, type OperationDefinition } from '../definition.js';
import { NotYet, backoff, classify, toOperationError } from '../failure.js';
import type { OperationError, OperationRecord } from '../record.js';
import type { StepContext, StepOutcome, StepResult } from '../step-handler.js';
import { FencedError, type Transition } from '../store-port.js';
import type { EngineOptions } from './options.js';
import { StepReports } from './step-reports.js';

const tracer = trace.getTracer('scoria.operations');

type Move = Extract<Transition, { to: 'step' | 'undo' }>;

/** Why a running step was told to stop. */
export type StopReason = 'fenced' | 'cancelled' | 'deadline' | 'draining';

/** Why a claim is given back by a runner that was told to stop, for the operation's history. */
const RELEASED: Record<StopReason, string> = {
  draining: 'the service is stopping',
  cancelled: 'it was cancelled, and is undone next',
  deadline: 'its deadline has passed, and it is undone next',
  fenced: 'it has gone to another worker',
};

/** Takes one claimed operation as far as it goes in this service: step after step, forward or back. */
export class StepRunner<Tx> {
  private readonly abort = new AbortController();
  /** Milliseconds until the operation is due again here, when its last commit said so. */
  dueAgainMs: number | undefined;
  /** Ends when whoever goes on with the operation was told, or cannot be. Without a broker that takes a second. */
  rung: Promise<void> | undefined;
  private readonly claimedAt = performance.now();

  constructor(
    private readonly options: EngineOptions<Tx>,
    private readonly queue: string,
    public operation: OperationRecord,
    private readonly parent: Context | undefined,
  ) {}

  stop(reason: StopReason): void {
    this.abort.abort(reason);
  }

  async run(): Promise<void> {
    const definition = this.options.steps.definition(this.operation);
    if (!definition)
      throw new Error(`claimed ${this.operation.kind}/${this.operation.version}, which is not defined here`);
    await otel.with(this.parent ?? this.requestContext(), async () => {
      while (await this.runOne(definition))
        if (this.abort.signal.aborted) return this.release(RELEASED[this.abort.signal.reason as StopReason]);
    });
  }

  /** Runs the current step or undo and commits its outcome; true when this service may go on at once. */
  private runOne(definition: OperationDefinition<never>): Promise<boolean> {
    const { operation } = this;
    const step = definition.steps[operation.step]!;
    const name = `${operation.kind} ${operation.state === 'undoing' ? 'undo ' : ''}${step.name}`;
    const attributes = {
      'scoria.operation.id': operation.id,
      'scoria.operation.attempt': operation.attempt,
      'scoria.operation.generation': operation.generation,
      'scoria.resource.id': operation.resourceId,
      'scoria.operation.taken_over': operation.takenOver,
    };
    return tracer.startActiveSpan(name, { attributes }, async (span) => {
      try {
        return await (operation.state === 'undoing' ? this.undo(definition) : this.forward(definition));
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: describeError(error) });
        if (error instanceof FencedError) return false;
        throw error;
      } finally {
        span.end();
      }
    });
  }

  private async forward(definition: OperationDefinition<never>): Promise<boolean> {
    const { operation, options } = this;
    const step = definition.steps[operation.step]!;
    let result: StepResult<Tx> | void;
    try {
      this.refuseWhenOver();
      await options.intercept?.({ operation, step: step.name, phase: 'run', moment: 'before' });
      result = await this.handler(step.name).run(operation, this.context());
      await options.intercept?.({ operation, step: step.name, phase: 'run', moment: 'after' });
      return await this.commitForward(definition, result ?? {});
    } catch (error) {
      return this.failed(definition, error);
    }
  }

  private async commitForward(
    definition: OperationDefinition<never>,
    result: StepResult<Tx>,
  ): Promise<boolean> {
    const { operation } = this;
    const next = nextStep(definition, operation.input, operation.step + 1);
    if (next === undefined) {
      await this.commit(({ data = {} }) => ({ to: 'end', state: 'succeeded', data, error: null }), result);
      return false;
    }
    const { name: stepName, at } = definition.steps[next]!;
    return this.moveTo(({ data = {}, backend = operation.backend }) => {
      return { to: 'step', step: next, stepName, data, backend, ...this.route(at, backend) };
    }, result);
  }

  private async failed(definition: OperationDefinition<never>, error: unknown): Promise<boolean> {
    const { operation, options } = this;
    const step = definition.steps[operation.step]!;
    if (error instanceof FencedError) throw error;
    const reason = this.abort.signal.aborted ? (this.abort.signal.reason as StopReason) : undefined;
    if (reason === 'fenced') throw new FencedError(operation.id);
    if (reason === 'draining') {
      await this.release('the service is stopping');
      return false;
    }
    const told = reason === 'cancelled' || reason === 'deadline';
    const cause = told ? OVER[reason]() : error;
    const what =
      told || error instanceof Over
        ? 'final'
        : options.store.isAway(error)
          ? 'wait'
          : classify(error, operation.attempt + 1 < step.attempts);
    if (what !== 'wait') options.onStepFailed?.(operation, step.name, cause, what === 'transient');
    if (what === 'wait' || what === 'transient') {
      const delayMs = error instanceof NotYet ? error.delayMs : backoff(operation.attempt, options.retry);
      const counts = what === 'transient';
      await this.commit(() => ({ to: 'retry', delayMs, counts, error: toOperationError(cause) }));
      return false;
    }
    return this.beginUndo(definition, toOperationError(cause), what === 'elsewhere');
  }

  private async beginUndo(
    definition: OperationDefinition<never>,
    error: OperationError,
    elsewhere: boolean,
  ): Promise<boolean> {
    const { operation } = this;
    const retry = definition.retryFrom;
    const from = retry ? definition.steps.findIndex(({ name }) => name === retry.step) : -1;
    const times = Number(operation.data['retries'] ?? 0);
    const again = elsewhere && retry !== undefined && operation.step > from && times + 1 < retry.times;
    const undo = nextUndo(definition, operation.input, operation.step, again ? from : 0);
    const data = again ? { retries: times + 1 } : {};
    if (undo === undefined) {
      await this.commit(() => ({ to: 'end', state: this.endState(), data, error }));
      return false;
    }
    const { name: stepName, at } = definition.steps[undo]!;
    const resumeStep = again ? from : null;
    return this.moveTo(() => ({
      to: 'undo',
      step: undo,
      stepName,
      resumeStep,
      data,
      error,
      ...this.route(at, operation.backend),
    }));
  }

  private async undo(definition: OperationDefinition<never>): Promise<boolean> {
    const { operation, options } = this;
    const step = definition.steps[operation.step]!;
    const error = operation.error ?? { message: 'The operation was undone.' };
    try {
      await options.intercept?.({ operation, step: step.name, phase: 'undo', moment: 'before' });
      const result = (await this.handler(step.name).undo!(operation, this.context())) ?? {};
      await options.intercept?.({ operation, step: step.name, phase: 'undo', moment: 'after' });
      return await this.commitUndo(definition, result, error);
    } catch (failure) {
      if (failure instanceof FencedError || this.abort.signal.reason === 'fenced')
        throw new FencedError(operation.id);
      if (this.abort.signal.reason === 'draining') {
        await this.release('the service is stopping');
        return false;
      }
      // An undo is never given up: it is retried for as long as it takes, and an alert says so. Of a database that is away
      // there are alerts enough.
      const counts = !options.store.isAway(failure);
      if (counts) options.onUndoFailed?.(operation, step.name, failure);
      const delayMs = backoff(operation.attempt, options.retry);
      const why = toOperationError(failure);
      await this.commit(() => ({ to: 'retry', delayMs, counts, error, failure: why }));
      return false;
    }
  }

  private async commitUndo(
    definition: OperationDefinition<never>,
    result: StepResult<Tx>,
    error: OperationError,
  ): Promise<boolean> {
    const { resumeStep, input, step, backend } = this.operation;
    const next = nextUndo(definition, input, step - 1, resumeStep ?? 0);
    if (next !== undefined) {
      const { name: stepName, at } = definition.steps[next]!;
      return this.moveTo(({ data = {} }) => {
        return { to: 'undo', step: next, stepName, resumeStep, data, error, ...this.route(at, backend) };
      }, result);
    }
    if (resumeStep === null) {
      await this.commit(({ data = {} }) => ({ to: 'end', state: this.endState(), data, error }), result);
      return false;
    }
    const { name: stepName, at } = definition.steps[resumeStep]!;
    return this.moveTo(({ data = {} }) => {
      return { to: 'step', step: resumeStep, stepName, data, backend: null, ...this.route(at, null) };
    }, result);
  }

  /** Commits the move; goes on here when the next step runs here, rings its queue otherwise. */
  private async moveTo(plan: (outcome: StepOutcome) => Move, result: StepResult<Tx> = {}): Promise<boolean> {
    const transition = await this.commit(plan, result);
    const { operation } = this;
    this.operation = {
      ...operation,
      state: transition.to === 'undo' ? 'undoing' : 'running',
      step: transition.step,
      queue: transition.queue,
      backend: transition.to === 'step' ? transition.backend : operation.backend,
      resumeStep: transition.to === 'undo' ? transition.resumeStep : null,
      error: transition.to === 'undo' ? transition.error : operation.error,
      data: { ...operation.data, ...transition.data },
      checkpoint: null,
      attempt: 0,
    };
    if (transition.keep) return true;
    const bell = { operationId: operation.id, step: transition.step };
    this.rung = this.options.ring(transition.queue, bell).catch(() => {});
    return false;
  }

  /** Commits what `plan` makes of the step's outcome, a part of which may only be known within the commit. */
  private async commit<T extends Transition>(
    plan: (outcome: StepOutcome) => T,
    { commit, ...outcome }: StepResult<Tx> = {},
  ): Promise<T> {
    const decide = (late: StepOutcome | void): T =>
      plan({ ...outcome, ...late, data: { ...outcome.data, ...late?.data } });
    const made = await this.options.store.transition(
      this.operation,
      this.options.worker,
      commit ? async (tx) => decide(await commit(tx)) : decide(),
    );
    const ageSeconds = this.operation.ageSeconds + (performance.now() - this.claimedAt) / 1000;
    this.dueAgainMs = made.to === 'retry' ? made.delayMs : undefined;
    this.options.onTransition?.(this.operation, made, ageSeconds);
    return made;
  }

  private async release(reason: string): Promise<void> {
    const failure = { message: 'Waiting.', cause: reason };
    const error = this.operation.error ?? failure;
    const retry: Transition = { to: 'retry', delayMs: 0, counts: false, error, failure };
    await this.commit(() => retry).catch((lost: unknown) => {
      if (!(lost instanceof FencedError)) throw lost;
    });
  }

  private route(at: 'scheduler' | 'backend', backend: string | null): { queue: string; keep: boolean } {
    if (at === 'backend' && backend === null) throw new Error(`${this.operation.kind}: no backend to go to`);
    const queue = at === 'scheduler' ? SCHEDULER_QUEUE : volumeQueue(backend!);
    return { queue, keep: queue === this.queue };
  }

  private refuseWhenOver(): void {
    if (this.operation.cancelRequested) throw OVER.cancelled();
    if (this.operation.deadlinePassed) throw OVER.deadline();
  }

  private endState(): 'failed' | 'cancelled' {
    return this.operation.cancelRequested ? 'cancelled' : 'failed';
  }

  private handler(step: string) {
    const handler = this.options.steps.handler(this.operation, step);
    if (!handler) throw new Error(`${this.operation.kind}: step ${step} does not run here`);
    return handler;
  }

  private context(): StepContext {
    return new StepReports(this.options, this.operation, this.abort);
  }

  /** Without a message to continue from, the trace goes on from the request that asked. */
  private requestContext(): Context {
    const { traceparent } = this.operation;
    return traceparent ? propagation.extract(otel.active(), { traceparent }) : otel.active();
  }
}

/** The operation as a whole is to end: no retry, no other place. */
class Over extends Fault {}

/** Who cancels is told of a conflict; that something takes too long is no fault of who asked for it. */
const OVER = {
  cancelled: () => new Over('conflict', 'The operation was cancelled.'),
  deadline: () => new Over('internal', 'The operation did not finish in time.'),
};
