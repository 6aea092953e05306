import { Delete, Get, HttpCode, Post, Put } from '@nestjs/common';
import { TheCall, type Call } from '../frame/call.js';
import type { MetadataRows } from './metadata-rows.js';

/** The six routes below `…/{id}/metadata`; a controller names the collection and hands over the rows. */
export abstract class MetadataRoutes {
  protected abstract readonly rows: MetadataRows;

  @Get(':id/metadata')
  list(@TheCall() call: Call): Promise<object> {
    return this.rows.list(call);
  }

  @Post(':id/metadata')
  @HttpCode(200)
  merge(@TheCall() call: Call): Promise<string | undefined> {
    return this.rows.merge(call);
  }

  @Put(':id/metadata')
  replace(@TheCall() call: Call): Promise<string | undefined> {
    return this.rows.replace(call);
  }

  @Get(':id/metadata/:key')
  one(@TheCall() call: Call): Promise<object> {
    return this.rows.one(call);
  }

  @Put(':id/metadata/:key')
  setOne(@TheCall() call: Call): Promise<string | undefined> {
    return this.rows.setOne(call);
  }

  @Delete(':id/metadata/:key')
  removeOne(@TheCall() call: Call): Promise<string | undefined> {
    return this.rows.removeOne(call);
  }
}
