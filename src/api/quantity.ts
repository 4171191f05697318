import { z } from 'zod';
import { rules } from './rules.ts';

const QUANTITY = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$/;
const MAX_LENGTH = 32;

/** An amount as Kubernetes writes it: 3, "500m", "10Gi". Integers are allowed because YAML makes them of unquoted numbers. */
function anyQuantity() {
  return z
    .union([z.int(), z.string().max(MAX_LENGTH)])
    .refine((value) => QUANTITY.test(String(value)), 'must be a Kubernetes quantity such as 3, 500m or 10Gi');
}

/** An amount of zero or more. */
export function quantity() {
  return anyQuantity().meta({
    'x-kubernetes-int-or-string': true,
    maxLength: MAX_LENGTH,
    ...rules({
      rule: `isQuantity(string(self)) && !quantity(string(self)).isLessThan(quantity('0'))`,
      message: 'must be a Kubernetes quantity of zero or more, such as 3, "500m" or 10Gi',
      messageExpression: `'"' + string(self) + '" is not a Kubernetes quantity of zero or more; write it like 3, "500m" or 10Gi'`,
    }),
  });
}

const POSITIVE_SIZE = {
  rule: `isQuantity(string(self)) && quantity(string(self)).isGreaterThan(quantity('0'))`,
  message: 'must be a size above zero, such as 10Gi',
  messageExpression: `'"' + string(self) + '" is not a size above zero; write it like 500Mi, 10Gi or 2Ti'`,
};

/** A size in bytes above zero. */
export function size() {
  return anyQuantity().meta({ 'x-kubernetes-int-or-string': true, maxLength: MAX_LENGTH, ...rules(POSITIVE_SIZE) });
}

/** A size in bytes above zero that may only grow: no storage can shrink a volume without losing data. */
export function growingSize() {
  return anyQuantity().meta({
    'x-kubernetes-int-or-string': true,
    maxLength: MAX_LENGTH,
    ...rules(POSITIVE_SIZE, {
      rule: `!isQuantity(string(self)) || !isQuantity(string(oldSelf)) || quantity(string(self)).compareTo(quantity(string(oldSelf))) >= 0`,
      message: 'a volume may not shrink: keep the old size or make it larger',
      messageExpression: `'a volume may not shrink: it has ' + string(oldSelf) + ', ' + string(self) + ' was asked; keep ' + string(oldSelf) + ' or make it larger'`,
    }),
  });
}

/** Amounts by resource name. The names are checked where the map is used (resource-map.ts). */
export type Quantity = string | number;
