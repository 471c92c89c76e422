"""
The sentences of the reviews, with gaps. {same} is an adjective of the wanted opinion that fits the part named last, {other} one of the opposite opinion;
{like}/{dislike}, {affect}/{disaffect}, {praise}/{blame} are verbs and nouns, {for}/{against} whole clauses, of the wanted and of the opposite opinion.
A list named HELD_... is never used for training.
"""

# Clauses, without capital and full stop. The opinion follows from the words.
PLAIN = [
    "the {part} {be} {very}{same}", "the {part} {be} {same} and {same2}", "the {part} {be} {very}{same}", "this {thing} is {very}{same}", "it {was} {very}{same}",
    "I found the {part} {very}{same}", "I {like} the {part}", "I really {like} the {part}", "the {part} {affect} me", "I was {affect} by the {part}",
    "this is a {very}{same} {thing} with a {same2} {partone}", "the {part} {be} a {praise}", "this {thing} is a {praise}", "I thought the {part} {be} {same}", "it was so {same}",
    "we all {like} it", "the {part} {affect} everyone", "its {part} {be} {same}", "the {part} seemed {very}{same} to me", "the {part} turned out to be {same}", "everything about the {part} {be} {same}",
    "I {like} every minute of it", "{who} {like} the {part}", "it {affect} me from start to finish", "this was a {praise} of a {thing}", "I {like} it", "I {like} this {thing}",
    "the {part} {be} {strong}", "this {thing} is {strong}", "they have a {strong} {partone}", "there is something {same} about the {part}", "I call this {thing} {same}", "we were {affect}",
    "I am {happy} with the {part}", "I'm {happy} with this {thing}", "we were {very}{happy}", "this is the {best} {thing} I have ever {had}", "the {best} {partone} in years", "the {part} {be} {better} than I expected", "it was {better} than the last one",
    "the {part} {was} done {well}", "it works {well}", "it's {very}{same}", "that's {very}{same}", "the {part} {be} {very}{same} and so {be} the {part2}", "it makes me {happy}",
]
# The same without a verb: sentences of their own, never part of another.
PLAIN_ALONE = [
    "what a {same} {thing}", "a {very}{same} {thing} with a {same2} {partone}", "{same} {thing}, {same2} {partone}", "simply {same}", "{very}{same} {thing}", "such a {same} {thing}", "{strong}, {very}{same} {partone}",
    "a {strong} {thing}", "a {praise} of a {thing}", "{very}{same}", "{same} and {same2}", "what a {praise}", "{very}{same} {partone}", "{like} it", "a real {praise}",
]
HELD_PLAIN = [
    "the {part}, I must say, {be} {same}", "to me the {part} seemed {same}", "the {thing} {affect} me and the {part} {affect2} me too", "we {like} it, {part} and all",
    "I thought it {very}{same}", "the {part} {be} {same}, {same2} and {strong}", "{very}{same} and {same2} is this {thing}",
]

# Clauses whose opinion is the opposite of the word it is said with, or that only look negated.
NEGATION = [
    "the {part} {isnt} {other}", "the {part} {isnt} {other}", "the {part} {isnt} {other} at all", "this {thing} {isntone} {other}", "it {isntone} {other}", "I {didnt} find the {part} {other}",
    "I {didnt} {dislike_} the {part}", "I {didnt} {dislike_} it at all", "the {part} {didnt} {disaffect_} me", "there is nothing {other} about the {part}", "nothing about it is {other}",
    "no one could call the {part} {other}", "you can't say the {part} {be} {other}", "the {part} {isnt} a {blame}", "this {thing} {isntone} {other} or {other2}", "neither the {part} nor the {part2} {was} {other}",
    "I have never seen a less {other} {thing}", "the {part} {be} not {other} but {same}", "the {part} {be} not only {same} but also {same2}", "no doubt the {part} {be} {same}", "I wouldn't call it {other}", "not once {was} it {other}",
    "the {part} never {disaffect} me", "it never {disaffect} us", "I don't think the {part} {be} {other}", "nobody {dislike} the {part}", "the {part} {be} far from {other}", "the {part} {be} anything but {other}",
    "I can't call this {thing} {other}", "it {isntone} {other} in the least", "this {isntone} the {other} {thing} I had in mind", "there was never a {other} moment", "the {part} could not be more {same}", "I am not {unhappy} with the {part}", "I'm not {unhappy} with it", "this is not the {worst} {thing} I have ever {had}", "the {part} {isnt} {worse} than before", "it {didnt} work {ill}",
    "it's not {other}", "it's not {other} at all", "that's not {other}", "I was never {unhappy} with it", "it was not a {other} {thing}",
]
NEGATION_ALONE = [
    "not a {other} {thing}", "not {other} at all", "never {other}, not for a minute", "hardly a {other} {thing}", "without a single {other} {detail}", "not {very}{other}", "far from {other}", "not {other}", "no {blame}", "never {other}",
    "anything but {other}", "not {other}, not {other2}", "hardly {other}", "nothing {other} about it", "didn't {dislike_} it",
]
HELD_NEGATION = [
    "in no way {be} the {part} {other}", "I never found the {part} {other}", "there was nothing {other} here at all", "it had no {other} {partone} at all", "I don't find it {other} or {other2}", "the {thing} didn't {disaffect_} us and {isntone} {other}",
    "neither {other} nor {other2} is this {thing}",
]

# Sayings, whose opinion no rule tells: (opinion, sentence, negated). «» mark the words that carry it.
SAYINGS = [
    (0, "«Don't» «waste» your money", True), (0, "«Don't» «bother»", True), (0, "«never» «again»", True), (0, "«skip» it", False), (0, "«avoid» this {thing}", False), (0, "I «want» my money «back»", False),
    (0, "I «asked» for a «refund»", False), (0, "I «won't» be coming «back»", True), (0, "I «wouldn't» «recommend» it to anyone", True), (0, "I «can't» «recommend» this {thing}", True), (0, "a «waste» of time", False),
    (0, "«not» «worth» the price", True), (0, "we «regret» every euro", False), (0, "I «fell» «asleep» after ten minutes", False), (0, "I «gave» «up» halfway", False), (0, "it «broke» after two weeks", False),
    (0, "I «couldn't» «wait» for it to end", True), (0, "save your money", False), (0, "there was «no» «joy» in it", True), (0, "I would «not» do it «again»", True), (0, "we «left» early and «angry»", False),
    (1, "«Don't» «miss» it", True), (1, "I «couldn't» put it «down»", True), (1, "I «can't» «wait» to go «back»", True), (1, "you «won't» «regret» it", True), (1, "I «recommend» it to everyone", False),
    (1, "I would «recommend» this {thing}", False), (1, "«worth» every penny", False), (1, "«well» «worth» the price", False), (1, "we will be «back»", False), (1, "I would do it «again» tomorrow", False),
    (1, "I «laughed» until I cried", False), (1, "it has «never» «let» me «down»", True), (1, "I have «no» «complaints»", True), (1, "«nothing» to «complain» about", True), (1, "five «stars» from me", False),
    (1, "it «couldn't» be «better»", True), (1, "I «wouldn't» «change» a thing", True), (1, "it «exceeded» my expectations", False), (1, "«never» had a «problem» with it", True), (1, "«thank» you", False),
    (0, "one «star» is too much", False), (0, "it «couldn't» be «worse»", True), (0, "it did «not» «meet» my expectations", True), (0, "I am «sorry» I bought it", False),
]

# Sentences that weigh two opinions; the second one, or the one in the main clause, counts.
CONTRAST = [
    "{against}, but {for}", "{against}, but {for}", "{against}, yet {for}", "{against}; however, {for}", "although {against}, {for}", "even though {against}, {for}", "while {against}, {for}",
    "{for}, although {against}", "{for}, even though {against}", "despite the {other} {part}, {for}", "{for}, despite the {other} {part}", "in spite of a {other} {partone}, {for}",
    "{against}. Still, {for}", "{against}. Nevertheless, {for}", "I expected it to be {other}, but {for}", "I expected to {dislike_} it, but {for}", "I thought I would {dislike_} it, yet {for}",
    "{crowd} say that {against}, but {for}", "I had heard that {against}, but {for}", "{who} thought it was {other}; I found it {same}", "{crowd} {dislike} it, I {like} it", "for all its {other} {part}, {for}",
    "the trailer looked {other}, but {for}", "the last one was {other}, this one is {same}", "{against}, and yet {for}", "{against}. Even so, {for}", "{against}; in the end {for}", "{against}. In the end {for}", "I expected it to be {other}. Instead {for}", "{against}. On the other hand, {for}", "yes, {against}, but {for}", "unlike the {other} {thing} before, {for}",
    "it started out {other} and became {same}", "the {part} {be} {other}, the {part2} {be2} {same}, and in the end {for}", "what should have been {other} was in fact {same}", "the {part} {be} {other}, but overall {for}",
    "though {against}, {for}", "{for}. True, {against}, but that hardly matters", "once {other}, now {same}", "{against}, but {for}, and that is what counts",
]
HELD_CONTRAST = [
    "I was told that {against}; even so, {for}", "true, {against}, and yet {for}", "{for}, in spite of the {other} {part}", "{crowd} found it {other}, but I {like} it", "it looked {other} and was {same}",
    "yes, the {part} {be} {other}; still, {for}", "although {who} {dislike} the {part}, {for}",
]

# Ways to say a clause.
FRAMES = ["{for}", "{for}", "{for}", "{for}", "{for}", "honestly, {for}", "in short, {for}", "overall, {for}", "all in all, {for}", "I have to say {for}", "{for}, if you ask me", "{for}, to be honest", "for me, {for}",
          "{for} and {for2}", "{for}, and {for2}", "frankly, {for}", "I must admit that {for}", "well, {for}", "{for}, and that is that", "in my opinion {for}"]

# What settles a review whose sentences disagree.
SUMMARIES = ["all in all, {for}", "overall, {for}", "in the end {for}", "to sum up, {for}", "in short, {for}", "taken together, {for}", "still, {for}", "all the same, {for}"]

# Sentences without an opinion.
FILLERS = [
    "we went there on {day}", "I bought it in {month} for {price}", "{who} lent it to me", "it runs for {number} minutes", "we stayed {small} nights", "I read it on the train to {place}", "it has {number} pages",
    "the {thing} is near {place}", "we were a group of {small}", "I ordered it online", "this was in {month} {year}", "{who} came along", "it arrived on {day}", "we paid {price} for two", "it is the second one in the series",
    "I had it with me in {place}", "the {part} {be} new", "we sat by the window", "it comes in black and in blue", "I saw it with {who}", "they open at {small} o'clock", "it was raining in {place}", "the box holds {small} of them",
    "{who} told me about it", "it was made in {year}", "we took the bus from {place}", "I use it every {day}", "the {part} and the {part2} are the same as before", "it says so on the website (see page {number})", "that is all I know about it",
    "I got it as a present from {who}", "the {part} {be} described on the back", "we asked for the {part}", "here is what I think", "I will keep this short", "let me tell you about the {part}", "there are {small} of us at home",
]
