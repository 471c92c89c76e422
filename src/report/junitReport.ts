/** @file Results as JUnit XML, which every CI system reads. */
import { escapeText } from "../drawing/escapeText.js";

export interface JunitCase {
  /** What is tested: a file. */
  readonly group: string;
  readonly name: string;
  /** What is wrong; `undefined` where nothing is. */
  readonly failure: string | undefined;
}

/** One suite with its cases. */
export function junitReport(suite: string, cases: readonly JunitCase[]): string {
  const counts = `tests="${cases.length}" failures="${cases.filter(({ failure }) => failure !== undefined).length}" errors="0"`;
  const lines = cases.map(({ group, name, failure }) => {
    const head = `    <testcase classname="${escapeText(group)}" name="${escapeText(name)}"`;
    return failure === undefined ? `${head}/>` : `${head}>\n      <failure message="${escapeText(failure)}"/>\n    </testcase>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${counts}>
  <testsuite name="${escapeText(suite)}" ${counts}>
${lines.join("\n")}
  </testsuite>
</testsuites>
`;
}
