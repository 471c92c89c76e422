"""The words of the reviews: what is talked about in each domain, and the words that praise or blame it."""

POSITIVE, NEGATIVE = 1, 0

# Adjectives that fit anything. Those in STRONG are never negated: "not perfect" and "not atrocious" say little.
GENERAL = {
    POSITIVE: ["good", "great", "excellent", "wonderful", "superb", "fantastic", "lovely", "brilliant", "outstanding", "impressive", "delightful", "terrific",
               "nice", "remarkable", "enjoyable", "pleasant", "fine", "amazing", "splendid", "satisfying", "charming", "special", "fabulous", "marvellous", "fun", "interesting", "decent"],
    NEGATIVE: ["bad", "terrible", "awful", "poor", "horrible", "disappointing", "dreadful", "mediocre", "weak", "unpleasant", "dismal", "lousy",
               "pathetic", "annoying", "frustrating", "forgettable", "unbearable", "ridiculous", "irritating", "disastrous", "tiresome", "unacceptable", "appalling", "shoddy", "uninteresting", "inferior", "crude"],
}
STRONG = {
    POSITIVE: ["perfect", "flawless", "magnificent", "phenomenal", "stunning", "first-rate", "awesome", "incredible"],
    NEGATIVE: ["atrocious", "abysmal", "hopeless", "worthless", "disgusting", "unforgivable", "useless", "horrendous"],
}

# Per domain: things reviewed; groups of parts (with "+" when plural) and the adjectives that fit them.
DOMAINS = {
    "film": {
        "things": ["film", "movie", "thriller", "comedy", "drama", "documentary", "sequel", "cartoon", "western"],
        "groups": [
            (["plot", "story", "script", "dialogue", "ending", "premise", "opening scene", "jokes+", "second half", "pacing", "last act"],
             {POSITIVE: ["gripping", "clever", "funny", "moving", "original", "thrilling", "witty", "exciting", "touching", "convincing", "smart"],
              NEGATIVE: ["boring", "predictable", "dull", "silly", "clumsy", "confusing", "tedious", "slow", "thin", "contrived", "stupid"]}),
            (["acting", "cast", "lead actor", "villain", "performances+", "lead actress"],
             {POSITIVE: ["convincing", "moving", "funny", "memorable", "charismatic", "likeable"],
              NEGATIVE: ["wooden", "stiff", "lifeless", "unconvincing", "flat", "bland"]}),
            (["camera work", "soundtrack", "music", "effects+", "costumes+", "visuals+", "lighting"],
             {POSITIVE: ["beautiful", "gorgeous", "memorable", "inventive", "elegant"], NEGATIVE: ["ugly", "cheap", "loud", "clumsy", "sloppy"]}),
        ],
    },
    "food": {
        "things": ["restaurant", "café", "bistro", "pizzeria", "diner", "bakery", "bar", "lunch", "dinner"],
        "groups": [
            (["food", "soup", "bread", "pasta", "steak", "dessert", "fish", "salad", "coffee", "vegetables+", "starters+", "fries+", "crème brûlée", "noodles+", "curry"],
             {POSITIVE: ["delicious", "tasty", "fresh", "crisp", "tender", "juicy", "creamy", "fragrant"],
              NEGATIVE: ["bland", "stale", "greasy", "soggy", "tasteless", "salty", "cold", "burnt"]}),
            (["service", "waiter", "staff", "chef", "waitress", "owner"],
             {POSITIVE: ["friendly", "attentive", "polite", "quick", "helpful", "welcoming"], NEGATIVE: ["rude", "slow", "unfriendly", "careless", "arrogant", "impatient"]}),
            (["terrace", "dining room", "tables+", "atmosphere", "music"],
             {POSITIVE: ["cosy", "inviting", "relaxed", "clean", "comfortable"], NEGATIVE: ["noisy", "dirty", "cramped", "stuffy", "sticky"]}),
        ],
    },
    "hotel": {
        "things": ["hotel", "hostel", "guesthouse", "resort", "inn", "apartment", "stay", "campsite"],
        "groups": [
            (["room", "bed", "bathroom", "suite", "rooms+", "balcony", "lobby", "shower", "pool", "towels+", "corridor"],
             {POSITIVE: ["clean", "comfortable", "spacious", "cosy", "quiet", "bright", "spotless", "modern"],
              NEGATIVE: ["dirty", "cramped", "noisy", "dark", "shabby", "damp", "smelly", "filthy"]}),
            (["staff", "receptionist", "manager", "service", "porter", "cleaners+"],
             {POSITIVE: ["friendly", "helpful", "polite", "attentive", "welcoming", "kind"], NEGATIVE: ["rude", "unhelpful", "careless", "unfriendly", "indifferent", "hostile"]}),
            (["breakfast", "buffet", "coffee", "wifi", "location", "view"],
             {POSITIVE: ["generous", "reliable", "convenient", "varied", "beautiful"], NEGATIVE: ["meagre", "unreliable", "inconvenient", "monotonous", "depressing"]}),
        ],
    },
    "phone": {
        "things": ["phone", "tablet", "laptop", "camera", "watch", "headset", "charger", "printer", "speaker"],
        "groups": [
            (["screen", "battery", "keyboard", "case", "buttons+", "hinge", "cable", "display", "speakers+"],
             {POSITIVE: ["bright", "sturdy", "reliable", "durable", "responsive", "sharp", "solid"],
              NEGATIVE: ["dim", "flimsy", "unreliable", "fragile", "unresponsive", "blurry", "wobbly"]}),
            (["software", "setup", "app", "menus+", "interface", "updates+", "manual"],
             {POSITIVE: ["fast", "intuitive", "smooth", "clear", "stable", "handy"], NEGATIVE: ["slow", "confusing", "buggy", "clunky", "unstable", "cluttered"]}),
            (["support", "delivery", "packaging", "price", "hotline", "warranty"],
             {POSITIVE: ["fair", "quick", "helpful", "generous", "reasonable"], NEGATIVE: ["unfair", "slow", "unhelpful", "stingy", "outrageous"]}),
        ],
    },
    "book": {
        "things": ["book", "novel", "biography", "memoir", "thriller", "collection", "cookbook", "audiobook"],
        "groups": [
            (["plot", "story", "prose", "first chapter", "ending", "style", "dialogue", "translation", "middle part", "chapters+", "poems+"],
             {POSITIVE: ["gripping", "clever", "witty", "touching", "elegant", "original", "absorbing", "vivid"],
              NEGATIVE: ["boring", "tedious", "clumsy", "dull", "repetitive", "predictable", "dry", "shallow"]}),
            (["hero", "characters+", "narrator", "author", "heroine", "detective"],
             {POSITIVE: ["convincing", "likeable", "memorable", "funny", "believable"], NEGATIVE: ["unconvincing", "irritating", "flat", "lifeless", "implausible"]}),
            (["cover", "paper", "illustrations+", "maps+", "layout"],
             {POSITIVE: ["beautiful", "sturdy", "gorgeous", "clear"], NEGATIVE: ["ugly", "flimsy", "cheap", "blurry"]}),
        ],
    },
}

# What I do: past form and plain form.
LIKE = {POSITIVE: [("loved", "love"), ("enjoyed", "enjoy"), ("adored", "adore"), ("liked", "like"), ("admired", "admire"), ("appreciated", "appreciate")],
        NEGATIVE: [("hated", "hate"), ("disliked", "dislike"), ("detested", "detest"), ("loathed", "loathe"), ("resented", "resent")]}
# What it does to me: past form and plain form.
EFFECT = {POSITIVE: [("impressed", "impress"), ("delighted", "delight"), ("charmed", "charm"), ("thrilled", "thrill"), ("convinced", "convince"), ("pleased", "please"), ("amazed", "amaze")],
          NEGATIVE: [("bored", "bore"), ("disappointed", "disappoint"), ("annoyed", "annoy"), ("irritated", "irritate"), ("frustrated", "frustrate"), ("disgusted", "disgust"), ("bothered", "bother")]}
FEEL = {POSITIVE: ["happy", "satisfied", "content", "overjoyed"], NEGATIVE: ["unhappy", "angry", "dissatisfied", "upset"]}
EXTREME = {POSITIVE: ["best", "finest", "nicest"], NEGATIVE: ["worst", "poorest", "ugliest"]}
COMPARED = {POSITIVE: ["better", "nicer", "finer"], NEGATIVE: ["worse", "poorer", "duller"]}
MANNER = {POSITIVE: ["well", "perfectly", "beautifully", "nicely"], NEGATIVE: ["badly", "poorly", "terribly", "awfully"]}
NOUN = {POSITIVE: ["delight", "joy", "masterpiece", "gem", "pleasure", "triumph", "treat", "success"],
        NEGATIVE: ["disaster", "mess", "disappointment", "failure", "letdown", "nightmare", "rip-off", "flop"]}

INTENSIFIERS = ["very", "really", "truly", "extremely", "quite", "rather", "incredibly", "pretty", "remarkably"]
PEOPLE = ["my sister", "my brother", "a friend", "my wife", "my husband", "my neighbour", "José", "Zoë", "Renée", "my colleague", "Jürgen", "Chloé", "Mr. Novák", "Anna", "my mother", "our guide"]
CROWDS = ["critics", "people", "my friends", "other reviewers", "most customers", "my parents"]
PLACES = ["Málaga", "Zürich", "Lyon", "Kraków", "Leeds", "Córdoba", "Oslo", "the city centre", "the station", "Besançon"]
DAYS = ["Monday", "Tuesday", "Thursday", "Saturday", "last night", "Sunday evening", "New Year's Eve"]
MONTHS = ["January", "March", "May", "July", "September", "November"]
