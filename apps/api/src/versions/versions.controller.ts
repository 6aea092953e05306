import { Controller, Get, HttpCode, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { API_DEPS, type ApiDeps } from '../frame/deps.js';
import { linkBase } from '../frame/link-base.js';
import { versionDocument } from './version-documents.js';

@Controller()
export class VersionsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  /** 300: there are several roots to choose from. */
  @Get('/')
  @HttpCode(300)
  choices(@Req() request: FastifyRequest): object {
    return this.document(request);
  }

  @Get('v3')
  v3(@Req() request: FastifyRequest): object {
    return this.document(request);
  }

  private document(request: FastifyRequest): object {
    return versionDocument(linkBase(request, this.deps.config.api.publicEndpoint));
  }
}
