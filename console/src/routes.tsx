// SPDX-License-Identifier: Apache-2.0
// Every page, one line each. All of them are in the first download (under 250 KB compressed): a tab that stays open while
// the server restarts, perhaps as another version, must not have to fetch a part of itself.
import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { OverviewPage } from "./pages/overview/OverviewPage";
import { TopicsPage } from "./pages/topics/TopicsPage";
import { TopicPage } from "./pages/topics/TopicPage";
import { QueriesPage } from "./pages/queries/QueriesPage";
import { QueryPage } from "./pages/queries/QueryPage";
import { TablesPage } from "./pages/tables/TablesPage";
import { TablePage } from "./pages/tables/TablePage";
import { DeadLettersPage } from "./pages/deadletters/DeadLettersPage";
import { GroupsPage } from "./pages/groups/GroupsPage";
import { GroupPage } from "./pages/groups/GroupPage";
import { SqlPage } from "./pages/sql/SqlPage";
import { AppShell } from "./shell/AppShell";
import { NotFound, PageError } from "./shell/Fallbacks";
import * as search from "./search";

const root = createRootRoute({ component: AppShell, notFoundComponent: NotFound });

const overview = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: OverviewPage,
});
const topics = createRoute({
  getParentRoute: () => root,
  path: "/topics",
  validateSearch: search.topics,
  component: TopicsPage,
});
const topic = createRoute({
  getParentRoute: () => root,
  path: "/topics/$topic",
  validateSearch: search.topic,
  component: TopicPage,
});
const queries = createRoute({
  getParentRoute: () => root,
  path: "/queries",
  validateSearch: search.list,
  component: QueriesPage,
});
const query = createRoute({
  getParentRoute: () => root,
  path: "/queries/$query",
  validateSearch: search.query,
  component: QueryPage,
});
const tables = createRoute({
  getParentRoute: () => root,
  path: "/tables",
  validateSearch: search.tables,
  component: TablesPage,
});
const table = createRoute({
  getParentRoute: () => root,
  path: "/tables/$keyspace/$table",
  validateSearch: search.table,
  component: TablePage,
});
const deadLetters = createRoute({
  getParentRoute: () => root,
  path: "/dead-letters",
  validateSearch: search.deadLetters,
  component: DeadLettersPage,
});
const groups = createRoute({
  getParentRoute: () => root,
  path: "/groups",
  validateSearch: search.list,
  component: GroupsPage,
});
const group = createRoute({
  getParentRoute: () => root,
  path: "/groups/$group",
  validateSearch: search.list,
  component: GroupPage,
});
const sql = createRoute({
  getParentRoute: () => root,
  path: "/sql",
  validateSearch: search.sql,
  component: SqlPage,
});

const tree = root.addChildren([
  overview,
  topics,
  topic,
  queries,
  query,
  tables,
  table,
  deadLetters,
  groups,
  group,
  sql,
]);

export function createAppRouter() {
  return createRouter({
    routeTree: tree,
    parseSearch: search.parse,
    stringifySearch: search.stringify,
    defaultErrorComponent: PageError,
    scrollRestoration: true,
  });
}
