import { Get, Inject } from '@nestjs/common';
import {
  BusUnavailableError,
  DeadlineError,
  RefusedError,
  UnroutableError,
  backendCapabilities,
} from '@scoria/contracts';
import { Fault, backendName, parseBackendAddress, volumeQueue } from '@scoria/domain';
import { TheCall, type Call } from '../frame/call.js';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { Resource } from '../frame/resource.decorator.js';

/** A storage host answers from memory: later is never. */
const TIMEOUT_MS = 5000;

/** What names a host (cinder-map §8.5), short enough for the name of a queue. */
const HOST = /^[A-Za-z0-9\-._#@:/+[\]]{1,180}$/;

/** `/capabilities/{host}` (cinder-map §1.13): asked of the host itself. */
@Resource('capabilities')
export class CapabilitiesController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get(':host')
  async show(@TheCall() call: Call): Promise<object> {
    const host = call.param('host');
    const address = HOST.test(host) ? parseBackendAddress(host) : undefined;
    if (!address) throw hostNotFound(host);
    const deadline = new Date(Date.now() + TIMEOUT_MS);
    const { requestId } = call.context;
    const { capabilities } = await this.deps.bus
      .call(backendCapabilities, volumeQueue(backendName(address)), { host }, { deadline, requestId })
      .catch((cause: unknown) => {
        throw faultOf(cause, host);
      });
    return capabilities;
  }
}

function faultOf(cause: unknown, host: string): unknown {
  if (cause instanceof UnroutableError) return hostNotFound(host, cause);
  const silent = [DeadlineError, BusUnavailableError, RefusedError].some((type) => cause instanceof type);
  return silent ? new Fault('badGateway', `Host ${host} did not answer.`, { cause }) : cause;
}

const hostNotFound = (host: string, cause?: unknown): Fault =>
  new Fault('notFound', `Host ${host} could not be found.`, { cause });
