import type { Provider, Type } from '@nestjs/common';

export const VOLUME_CONTROLLERS: Type[] = [];
export const VOLUME_PROVIDERS: Provider[] = [];
