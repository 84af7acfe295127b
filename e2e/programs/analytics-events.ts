/** What programs are told to write, with the import changed, and the address where the environment names another. */
import { platformClient } from "@trunkline/events/genesyscloud";

const apiClient = platformClient.init({
  clientId: process.env["GC_CLIENT_ID"],
  clientSecret: process.env["GC_CLIENT_SECRET"],
  basePath: process.env["GC_BASE_PATH"] ?? "https://api.mypurecloud.com",
});

const analyticsApi = apiClient.AnalyticsApi;

// Create a subscription that handles reconnects internally
export const subscription = analyticsApi.subscribeAnalyticsEvents(
  { interval: "realtime", metricIds: ["conversation.summary"] },
  (data) => console.log("Event received:", data),
  (error) => console.error("Subscription error:", error),
);
