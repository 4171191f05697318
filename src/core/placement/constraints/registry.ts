import type { Constraint } from '../../allocator/demand.ts';
import { cluster } from './cluster.ts';
import type { CompiledConstraint } from './compiled-constraint.ts';
import { groupBy } from './group-by.ts';
import { is, isNot } from './is.ts';
import { like, unlike } from './like.ts';
import { maxPer } from './max-per.ts';
import { unique } from './unique.ts';

/** Every operator of the grammar. A new one in the union does not compile until it stands here. */
const OPERATORS: Readonly<Record<Constraint['operator'], (constraint: Constraint) => CompiledConstraint>> = {
  Unique: unique,
  Cluster: cluster,
  GroupBy: groupBy,
  Like: like,
  Unlike: unlike,
  MaxPer: maxPer,
  Is: is,
  IsNot: isNot,
};

export function compileConstraint(constraint: Constraint): CompiledConstraint {
  return OPERATORS[constraint.operator](constraint);
}
