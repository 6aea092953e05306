import { Get, HttpCode, Inject, Put } from '@nestjs/common';
import { Fault } from '@scoria/domain';
import { listServices, setServiceDisabled } from '@scoria/store';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';
import { declareGate } from '../microversion/gates.js';
import { Since } from '../microversion/since.decorator.js';
import { Mutations } from '../mutations/mutations.js';
import { readBody } from '../validation/read-body.js';
import { ownLogLevels } from './log-levels.js';
import { DisableReasonBody, LogLevelBody, ServiceBody } from './service-bodies.js';

declareGate('3.7', 'services view: field cluster');
declareGate('3.49', 'services view: field backend_state');

/** `/os-services` (cinder-map §1.13). */
@Resource('os-services')
export class ServicesController {
  constructor(
    @Inject(API_DEPS) private readonly deps: ApiDeps,
    @Inject(Mutations) private readonly mutations: Mutations,
  ) {}

  @Get()
  async list(@TheCall() call: Call): Promise<string> {
    const services = await listServices(this.deps.database, {
      host: only(call, 'host'),
      binary: only(call, 'binary') ?? only(call, 'service'),
      downSeconds: this.deps.config.scheduler.serviceDownSeconds,
      withCluster: call.supports('3.7'),
      withBackendState: call.supports('3.49'),
    });
    return `{"services":${services}}`;
  }

  @Put('enable')
  enable(@TheCall() call: Call): Promise<string | undefined> {
    return this.change(call, readBody(call, null, ServiceBody), false, null);
  }

  @Put('disable')
  disable(@TheCall() call: Call): Promise<string | undefined> {
    return this.change(call, readBody(call, null, ServiceBody), true, null);
  }

  @Put('disable-log-reason')
  disableWithReason(@TheCall() call: Call): Promise<string | undefined> {
    const body = readBody(call, null, DisableReasonBody);
    return this.change(call, body, true, body.disabled_reason);
  }

  @Put('get-log')
  @Since('3.32')
  @HttpCode(200)
  getLog(@TheCall() call: Call): object {
    return { log_levels: ownLogLevels(this.deps, readBody(call, null, LogLevelBody)) };
  }

  /** A level that only this process had until its next start would be worse than none. */
  @Put('set-log')
  @Since('3.32')
  setLog(@TheCall() call: Call): never {
    readBody(call, null, LogLevelBody);
    throw new Fault('notImplemented', 'Log levels are set in the configuration (log.level).');
  }

  private change(
    call: Call,
    body: ServiceBody,
    disabled: boolean,
    reason: string | null,
  ): Promise<string | undefined> {
    const { host } = body;
    const binary = body.binary ?? body.service;
    if (binary === undefined)
      throw new Fault('badRequest', "Missing required element 'binary' in request body.");
    return this.mutations.mutate(call, async (tx) => {
      if (!(await setServiceDisabled(tx, { binary, host }, disabled, reason))) {
        throw new Fault('notFound', `Service ${binary} could not be found on host ${host}.`);
      }
      const echo = { host, service: binary, binary, status: disabled ? 'disabled' : 'enabled', disabled };
      return { status: 200, body: reason === null ? echo : { ...echo, disabled_reason: reason } };
    });
  }
}

const only = (call: Call, key: string): string | null => [call.query[key]].flat().at(-1) ?? null;
