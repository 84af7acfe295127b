/**
 * The programs of docs/threads in other languages than ours, where their tools are. Compilers take their time, so it is
 * done with `LANGUAGES=1`, as the long tests do.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { endAll, onEnd, start } from "../packages/cli/src/testing/processes.ts";
import { gatewayStage } from "./gateway-stage.ts";
import { blocksOf } from "./page-blocks.ts";
import { eventually, folder } from "./relay-rig.ts";

afterEach(endAll);

const programs = [
  {
    page: "000",
    language: "go",
    tool: "go",
    file: "main.go",
    // Not `go run`: it is no parent that ends with its child.
    runs: "go vet main.go && go build -o program main.go && exec ./program",
    says: '"eventType":"routing.queueMemberAdded"',
  },
  {
    page: "000",
    language: "hcl",
    tool: "terraform",
    file: "main.tf",
    runs: "terraform fmt -check && terraform init && terraform apply -auto-approve",
    says: "Apply complete! Resources: 1 added",
  },
  {
    page: "002",
    language: "csharp",
    tool: "mcs",
    file: "conversations.cs",
    runs: "mcs conversations.cs && exec mono conversations.exe",
    says: '"eventType":"conversation:all"',
  },
] as const;

function isHere(tool: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${tool}`]).status === 0;
}

const compileMs = 240_000;

for (const { page, language, tool, file, runs, says } of programs) {
  test.skipIf(process.env["LANGUAGES"] === undefined || !isHere(tool))(
    `the program of thread ${page} in ${language} is built, and gets what it asks for`,
    async () => {
      const stage = await gatewayStage();
      const [queue] = stage.mock.cloud.world.queues;
      let n = 0;
      const beat = setInterval(() => {
        const id = "3a1f6f0e-52c4-4c1e-8f0b-6a2d9c7e1b45";
        stage.emit(`v2.routing.queues.${queue?.id}.users`, { id, joined: true, n: ++n });
        stage.emit(`v2.routing.queues.${queue?.id}.conversations`, { id, participants: [], n });
      }, 50);
      onEnd(() => clearInterval(beat));
      const dir = folder();
      const text = blocksOf(join("threads", `${page}.md`)).find(
        (block) => block.language === language,
      )?.text;
      writeFileSync(join(dir, file), text ?? "");
      const running = start("sh", ["-c", `cd '${dir}' && ${runs}`], {
        TRUNKLINE_URL: stage.url,
        TRUNKLINE_TOKEN: await stage.token(),
        QUEUE_ID: queue?.id ?? "",
        TF_VAR_relay_url: stage.url,
        CHECKPOINT_DISABLE: "1",
        NO_COLOR: "1",
      });
      await eventually(
        `${says} of it`,
        () => {
          if (running.out.includes(says)) return true;
          throw new Error(`${running.out}\n${running.err}`);
        },
        compileMs,
      );
      expect(running.out).toContain(says);
    },
    compileMs + 30_000,
  );
}
