// SPDX-License-Identifier: Apache-2.0
// Every page, one line each. Pages are loaded when first opened.
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from "@tanstack/react-router";
import { AppShell } from "./shell/AppShell";
import { NotFound, PageError } from "./shell/Fallbacks";
import * as search from "./search";

const root = createRootRoute({ component: AppShell, notFoundComponent: NotFound });

const overview = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: lazyRouteComponent(() => import("./pages/overview/OverviewPage"), "OverviewPage"),
});
const topics = createRoute({
  getParentRoute: () => root,
  path: "/topics",
  validateSearch: search.topics,
  component: lazyRouteComponent(() => import("./pages/topics/TopicsPage"), "TopicsPage"),
});
const topic = createRoute({
  getParentRoute: () => root,
  path: "/topics/$topic",
  validateSearch: search.topic,
  component: lazyRouteComponent(() => import("./pages/topics/TopicPage"), "TopicPage"),
});
const queries = createRoute({
  getParentRoute: () => root,
  path: "/queries",
  validateSearch: search.list,
  component: lazyRouteComponent(() => import("./pages/queries/QueriesPage"), "QueriesPage"),
});
const query = createRoute({
  getParentRoute: () => root,
  path: "/queries/$query",
  validateSearch: search.query,
  component: lazyRouteComponent(() => import("./pages/queries/QueryPage"), "QueryPage"),
});
const tables = createRoute({
  getParentRoute: () => root,
  path: "/tables",
  validateSearch: search.tables,
  component: lazyRouteComponent(() => import("./pages/tables/TablesPage"), "TablesPage"),
});
const table = createRoute({
  getParentRoute: () => root,
  path: "/tables/$keyspace/$table",
  validateSearch: search.table,
  component: lazyRouteComponent(() => import("./pages/tables/TablePage"), "TablePage"),
});
const deadLetters = createRoute({
  getParentRoute: () => root,
  path: "/dead-letters",
  validateSearch: search.deadLetters,
  component: lazyRouteComponent(
    () => import("./pages/deadletters/DeadLettersPage"),
    "DeadLettersPage",
  ),
});
const groups = createRoute({
  getParentRoute: () => root,
  path: "/groups",
  validateSearch: search.list,
  component: lazyRouteComponent(() => import("./pages/groups/GroupsPage"), "GroupsPage"),
});
const group = createRoute({
  getParentRoute: () => root,
  path: "/groups/$group",
  validateSearch: search.list,
  component: lazyRouteComponent(() => import("./pages/groups/GroupPage"), "GroupPage"),
});
const sql = createRoute({
  getParentRoute: () => root,
  path: "/sql",
  validateSearch: search.sql,
  component: lazyRouteComponent(() => import("./pages/sql/SqlPage"), "SqlPage"),
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
    defaultPreload: "intent",
    scrollRestoration: true,
  });
}
