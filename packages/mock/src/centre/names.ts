export const queueNames = [
  "Sales",
  "Support",
  "Billing",
  "Returns",
  "Onboarding",
  "Claims",
  "Retention",
  "Technical Support",
  "Orders",
  "Deliveries",
  "Complaints",
  "Partners",
] as const;

export const firstNames = [
  "Ada",
  "Bruno",
  "Chiara",
  "Daniel",
  "Elif",
  "Farid",
  "Grace",
  "Hanna",
  "Ivo",
  "Jana",
  "Kofi",
  "Lena",
  "Marco",
  "Nadia",
  "Oskar",
  "Priya",
  "Quentin",
  "Rosa",
  "Sven",
  "Tomoko",
  "Ulla",
  "Viktor",
  "Wanda",
  "Xenia",
  "Yusuf",
  "Zora",
] as const;

export const lastNames = [
  "Abel",
  "Brandt",
  "Costa",
  "Dumont",
  "Eriksen",
  "Fischer",
  "Garcia",
  "Haddad",
  "Ivanova",
  "Jensen",
  "Kowalski",
  "Lindqvist",
  "Moreau",
  "Nakamura",
  "Okafor",
  "Petrov",
  "Quist",
  "Rossi",
  "Silva",
  "Tanaka",
  "Urban",
  "Varga",
  "Weber",
  "Yilmaz",
  "Zimmer",
] as const;

/** An organisation has its own ids for presences; only the system names are fixed. */
export const systemPresences = [
  "AVAILABLE",
  "ON_QUEUE",
  "BREAK",
  "MEAL",
  "MEETING",
  "TRAINING",
  "BUSY",
  "AWAY",
  "OFFLINE",
] as const;

export type SystemPresence = (typeof systemPresences)[number];

/** What a user sees of a presence. */
export const presenceLabels: Readonly<Record<SystemPresence, string>> = {
  AVAILABLE: "Available",
  ON_QUEUE: "On Queue",
  BREAK: "Break",
  MEAL: "Meal",
  MEETING: "Meeting",
  TRAINING: "Training",
  BUSY: "Busy",
  AWAY: "Away",
  OFFLINE: "Offline",
};

export const divisionNames = ["Home", "Field Services"] as const;

export const wrapUpCodeNames = [
  "Resolved",
  "Follow-up needed",
  "Escalated",
  "Wrong queue",
] as const;

export const skillNames = [
  "Contracts",
  "Refunds",
  "Hardware",
  "Network",
  "Premium Customers",
  "Shipping",
] as const;

export const languageNames = ["English", "German", "French", "Spanish"] as const;

export const subjects = [
  "Question about my invoice",
  "Order has not arrived",
  "Change of address",
  "Please cancel my contract",
  "Problem after the update",
  "Copy of my contract",
] as const;

export const sentences = [
  "hello my name is at the top of the contract",
  "the parcel has not arrived yet",
  "let me see what I can do for you",
  "I would like to speak about my last invoice",
  "one moment please I am looking it up",
  "that is not what I was told last week",
  "I have sent you a confirmation just now",
  "thank you that was all",
] as const;
