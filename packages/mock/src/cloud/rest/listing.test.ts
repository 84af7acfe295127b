import { describe, expect, test } from "vitest";
import { Stage } from "../../testing/stage.ts";

interface Page {
  readonly entities: readonly { readonly id: string; readonly name: string }[];
  readonly pageSize: number;
  readonly pageNumber: number;
  readonly pageCount: number;
  readonly total: number;
  readonly nextUri?: string;
  readonly previousUri?: string;
}

function ask(stage: Stage, path: string): Page {
  const { json, status } = stage.call("GET", path, stage.token());
  expect(status).toBe(200);
  return Object(json);
}

describe("listings", () => {
  test("come in pages of 25, and together are the whole", () => {
    const stage = new Stage({ queues: 60, agents: 3 });
    const ids: string[] = [];
    let path: string | undefined = "/api/v2/routing/queues";
    let pages = 0;
    while (path !== undefined) {
      const page: Page = ask(stage, path);
      expect(page).toMatchObject({ pageSize: 25, total: 60, pageCount: 3 });
      ids.push(...page.entities.map((queue) => queue.id));
      path = page.nextUri;
      pages += 1;
    }
    expect(pages).toBe(3);
    expect(ids).toEqual(stage.cloud.world.queues.map((queue) => queue.id));
  });

  test("take pageSize to 100 and any pageNumber", () => {
    const stage = new Stage({ agents: 130 });
    const page = ask(stage, "/api/v2/users?pageSize=100&pageNumber=2");
    expect(page).toMatchObject({ pageSize: 100, pageNumber: 2, pageCount: 2, total: 130 });
    expect(page.entities).toHaveLength(30);
    expect(page.previousUri).toContain("pageNumber=1");
    expect(ask(stage, "/api/v2/users?pageNumber=999").entities).toEqual([]);
  });

  test.each(["pageSize=0", "pageSize=101", "pageSize=x", "pageNumber=0", "pageNumber=-1"])(
    "refuse %s",
    (query) => {
      const stage = new Stage();
      expect(stage.call("GET", `/api/v2/users?${query}`, stage.token()).status).toBe(400);
    },
  );

  test("filter queues by name, id and division, users by id", () => {
    const stage = new Stage();
    const [first, second] = stage.cloud.world.queues;
    const ids = `${first?.id},${second?.id}`;
    expect(ask(stage, `/api/v2/routing/queues?id=${ids}`).total).toBe(2);
    expect(ask(stage, `/api/v2/routing/queues?name=SALE`).entities[0]?.name).toBe("Sales");
    expect(ask(stage, `/api/v2/routing/queues?divisionId=none`).total).toBe(0);
    const [agent] = stage.cloud.world.agents;
    expect(ask(stage, `/api/v2/users?id=${agent?.id}`).entities).toMatchObject([
      { id: agent?.id, name: agent?.name, state: "active", version: 1 },
    ]);
  });

  test("are those on which the contact centre speaks, and the same for a seed at any start", () => {
    const stage = new Stage();
    const later = new Stage({ startAtMs: 1_800_000_000_000 });
    const { entities } = ask(stage, "/api/v2/routing/queues");
    expect(ask(later, "/api/v2/routing/queues").entities).toEqual(entities);
    expect(stage.cloud.sampleTopics(6)).toEqual(
      entities.map((queue) => `v2.routing.queues.${queue.id}.conversations`),
    );
  });
});
