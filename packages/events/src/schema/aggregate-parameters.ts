/**
 * Parameters of the analytics queries of Genesys Cloud's REST API, which programs put into subscriptions
 * by mistake. Names: the bodies of the two queries in the official SDKs; certainty: official SDK code.
 */

const aggregates = "POST /api/v2/analytics/conversations/aggregates/query";
const details = "POST /api/v2/analytics/conversations/details/query";

const places: ReadonlyMap<string, string> = new Map([
  ...[
    "granularity",
    "metrics",
    "groupBy",
    "views",
    "timeZone",
    "flattenMultivaluedDimensions",
    "alternateTimeDimension",
    "detailMetrics",
  ].map((name) => [name, aggregates] as const),
  ...[
    "pageSize",
    "pageNumber",
    "paging",
    "order",
    "orderBy",
    "segmentFilters",
    "conversationFilters",
    "evaluationFilters",
    "surveyFilters",
    "mediaEndpointStatFilters",
    "resolutionFilters",
    "startOfDayIntervalMatching",
    "aggregations",
  ].map((name) => [name, details] as const),
  ["interval", `${aggregates} or ${details}`],
]);

const byPlainName = new Map([...places].map(([name, place]) => [plain(name), place]));

/** Which request takes a parameter of this name, in whatever case or with underscores; undefined for other names. */
export function aggregatePlaceOf(name: string): string | undefined {
  return name.length > 40 ? undefined : byPlainName.get(plain(name));
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/gu, "");
}
