import { defineBroadcast, defineCall, defineCast } from '@scoria/contracts';
import { IsInt, IsOptional, IsString } from 'class-validator';

export class Job {
  @IsInt()
  number!: number;

  @IsOptional()
  @IsString()
  text?: string;
}

export class Question {
  @IsInt()
  number!: number;
}

export class Answer {
  @IsInt()
  doubled!: number;
}

export const job = defineCast('test.job', 2, Job);
export const question = defineCall('test.question', 2, Question, Answer);
export const news = defineBroadcast('test.news', 2, Job);

/** The same contracts as another release, or a broken sender, speaks them. */
export const olderJob = defineCast('test.job', 1, Job);
export const newerJob = defineCast('test.job', 3, Job);
export const unknownJob = defineCast('test.nobody-knows', 1, Job);
export const newerNews = defineBroadcast('test.news', 3, Job);
export const otherNews = defineBroadcast('test.other-news', 1, Job);
export const olderQuestion = defineCall('test.question', 1, Question, Answer);
export const newerQuestion = defineCall('test.question', 3, Question, Answer);
export const unknownQuestion = defineCall('test.nobody-knows', 1, Question, Answer);
