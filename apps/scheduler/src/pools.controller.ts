import { Controller } from '@nestjs/common';
import { HandleBroadcast } from '@scoria/bus';
import { PoolsPublished, poolsPublished } from '@scoria/contracts';
import { PoolStates } from './pool-states.js';

/** Hears what volume services report of their pools. */
@Controller()
export class PoolsController {
  constructor(private readonly pools: PoolStates) {}

  @HandleBroadcast(poolsPublished)
  async hear(report: PoolsPublished): Promise<void> {
    this.pools.hear(report);
  }
}
