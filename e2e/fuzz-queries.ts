/** Bodies of the analytics calls of the REST beside notifications, as broken programs send them. */
import * as fc from "fast-check";

const interval = fc.oneof(
  fc.constantFrom(
    "2026-03-02T08:00:00.000Z/2026-03-02T09:00:00.000Z",
    "2026-03-02T09:00:00.000Z/2026-03-02T08:00:00.000Z",
    "2026-03-02T08:00Z/P1D",
    "+275760-09-13T00:00:00.000Z/+275760-09-13T00:00:00.001Z",
    "/",
  ),
  fc.anything(),
);
const predicate = fc.record(
  {
    type: fc.oneof(fc.constantFrom("dimension", "metric", "property"), fc.anything()),
    dimension: fc.oneof(fc.constantFrom("queueId", "userId", "mediaType"), fc.anything()),
    metric: fc.oneof(fc.constantFrom("oWaiting", "tHandle"), fc.anything()),
    operator: fc.oneof(fc.constantFrom("matches", "exists", "notExists"), fc.anything()),
    value: fc.anything(),
    range: fc.anything(),
  },
  { requiredKeys: [] },
);
const filter = fc.oneof(
  fc.record(
    {
      type: fc.oneof(fc.constantFrom("and", "or"), fc.anything()),
      predicates: fc.oneof(fc.array(predicate, { maxLength: 4 }), fc.anything()),
      clauses: fc.anything(),
    },
    { requiredKeys: [] },
  ),
  fc.anything(),
);
/** Queries of the analytics calls, in which anything may be wrong. */
export const analytics = fc.record(
  {
    interval,
    filter,
    conversationFilters: fc.oneof(fc.array(filter, { maxLength: 3 }), fc.anything()),
    segmentFilters: fc.oneof(fc.array(filter, { maxLength: 3 }), fc.anything()),
    userFilters: fc.oneof(fc.array(filter, { maxLength: 3 }), fc.anything()),
    metrics: fc.oneof(fc.constant(["oWaiting"]), fc.anything()),
    paging: fc.oneof(
      fc.record({ pageSize: fc.integer(), pageNumber: fc.integer() }),
      fc.constant({ pageSize: 25, pageNumber: 1 }),
      fc.anything(),
    ),
    order: fc.oneof(fc.constantFrom("asc", "desc"), fc.anything()),
    orderBy: fc.oneof(fc.constant("conversationStart"), fc.anything()),
  },
  { requiredKeys: [] },
);
