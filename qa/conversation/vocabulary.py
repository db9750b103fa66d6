"""The words that the rules for questions know: closed classes, nouns by kind, verbs, a few names.

They are written for questions about articles. A word that is missing costs a rewrite, never an error.
"""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    return frozenset(text.split())


QUESTION_WORDS = word_set("who whom whose what which when where why how")
DO = word_set("do does did don't doesn't didn't")
BE = word_set("is are was were am isn't aren't wasn't weren't")
HAVE = word_set("has have had hasn't haven't hadn't")
MODAL = word_set("can could will would shall should may might must can't couldn't won't wouldn't shouldn't")
AUXILIARIES = DO | BE | HAVE | MODAL
PREPOSITIONS = word_set(
    "in on at of to from by with for about after before during since until till under over against "
    "between among into onto through without within near around across behind beyond above below "
    "towards toward upon via per as like off out up down along inside outside despite besides"
)
DETERMINERS = word_set("the a an this that these those some any no each every all both most many much several few")
PRONOUNS = word_set(
    "i me my you your we us our he him his she her hers it its they them their theirs himself herself "
    "itself themselves one ones someone anyone everyone nobody something anything everything nothing "
    "there here"
)
CLAUSE_WORDS = word_set(
    "when after before because if that who which while since until than as and but although though where whether or"
)
ADVERBS = word_set(
    "not also only just still ever never then now today already yet even else other another first last "
    "next later again so too very more less own same such once twice currently originally finally "
    "eventually exactly actually usually often mainly mostly ago afterwards together instead recently "
    "initially officially please"
)
FUNCTION_WORDS = (
    QUESTION_WORDS
    | AUXILIARIES
    | PREPOSITIONS
    | DETERMINERS
    | PRONOUNS
    | CLAUSE_WORDS
    | ADVERBS
    | word_set("be been being")
)
OPENERS = word_set("name tell give list describe explain ok okay well thanks yes no hello hi please besides according")

PERSON_NOUNS = word_set(
    "president king queen emperor empress prince princess minister ambassador governor mayor leader "
    "ruler chancellor director producer author writer poet composer painter artist scientist physicist "
    "chemist engineer inventor architect explorer captain pilot general commander soldier man woman boy "
    "girl person player coach quarterback singer actor actress founder owner chairman ceo chief pope "
    "bishop priest monk teacher professor student doctor nurse lawyer judge husband wife father mother "
    "son daughter brother sister child victim suspect driver astronaut philosopher successor "
    "predecessor winner champion spokesman spokeswoman senator khan sultan tsar"
)
PLACE_NOUNS = word_set(
    "country city town village capital state province region district island continent river lake sea "
    "ocean mountain volcano desert forest rainforest valley bay peninsula park street square airport "
    "port harbour harbor stadium university school college museum church cathedral temple palace castle "
    "tower bridge dam canal station hospital building site place area kingdom empire republic nation "
    "colony planet moon house hall tunnel reef glacier reserve"
)
EVENT_NOUNS = word_set(
    "war battle crash accident disaster attack bombing explosion fire flood earthquake eruption storm "
    "hurricane tsunami epidemic pandemic plague famine crisis revolution rebellion uprising revolt "
    "strike protest election referendum vote summit conference meeting festival game match tournament "
    "final race expedition mission voyage flight invasion siege massacre murder assassination coup "
    "trial trip launch landing collapse outbreak ceremony funeral wedding coronation concert tour spill "
    "shipwreck sinking avalanche drought heatwave fair exhibition"
)
THING_NOUNS = word_set(
    "company firm bank team club party organisation organization group band union alliance parliament "
    "government council court committee institute agency army navy church order program programme "
    "project plan treaty agreement deal law act bill constitution theory theorem system process method "
    "engine machine device telescope satellite rocket ship boat train aircraft plane helicopter car "
    "film movie book novel poem play song album painting opera symphony series show magazine newspaper "
    "website language religion species animal plant virus bacterium bacteria disease vaccine drug metal "
    "element gas cell protein dynasty currency prize award medal record statue monument wall gate "
    "pipeline reactor railway line network standard model experiment study report flag reform tax "
    "policy scheme rule ban strategy sport food dish drink wine tree flower bird fish insect"
)
TIME_NOUNS = word_set(
    "year time day month week decade century period era date moment season night morning summer winter"
)
CLASS_NOUNS = PERSON_NOUNS | PLACE_NOUNS | EVENT_NOUNS | THING_NOUNS

# Nouns that mean nothing before it is said of what: "What was the cause?".
RELATIONAL_NOUNS = word_set(
    "population capital president cause reason result outcome effect consequence purpose aim goal name "
    "author director founder owner leader ruler inventor designer architect height length depth width "
    "weight size area cost price budget winner loser score date location origin source meaning "
    "definition age founding headquarters currency language religion flag motto title subject plot cast "
    "producer composer successor predecessor end beginning start victim victims survivors survivor "
    "members member aftermath response reaction death toll temperature speed number total death-toll "
    "impact role function structure advantage disadvantage advantages disadvantages symptoms treatment "
    "crew captain pilot passengers opening construction causes effects reasons consequences results "
    "mayor governor chairman ceo official largest biggest oldest"
)

# Words that carry no topic of their own: a question made of them alone cannot be searched for.
GENERIC_WORDS = (
    RELATIONAL_NOUNS
    | TIME_NOUNS
    | word_set(
        "people person persons men women children anyone country countries city cities place places thing "
        "things kind type sort way part side many much long old far tall high deep big large small fast "
        "heavy wide hot cold late early soon happen happens happened occur occurred take takes took die "
        "dies died dead kill kills killed injure injured hurt wounded survive survived live lives lived "
        "born win wins won lose lost start starts started begin began begun end ends ended last lasted open "
        "opened opens close closed built build invent invented found founded create created make made "
        "discover discovered design designed write wrote written direct directed produce produced pay paid "
        "cost costs attend attended join joined leave left come came go goes went gone get got give gave "
        "given do done doing say said know known call called use uses used work works worked affect "
        "affected involve involved cause caused responsible change changed become became return returned "
        "arrive arrived escape escaped help helped respond responded react reacted own owned owns run runs "
        "lead led succeed succeeded replace replaced follow followed participate participated money days "
        "hours years months weeks minutes times percent century else other others more main famous "
        "important different total exactly finally next afterwards later before after now damage damaged "
        "destroy destroyed decide decided agree agreed sign signed vote voted elect elected choose chosen "
        "chose buy bought sell sold study studied grow grew measure weigh weighed reach reached spread stop "
        "stopped fail failed finish finished complete completed announce announced publish published "
        "release released perform performed play played score scored arrest arrested convict convicted "
        "sentence sentenced marry married move moved visit visited casualties deaths injuries look like see "
        "seen saw mean means eat eats contain contains consist consists aboard onboard board rescue rescued "
        "save saved find crew passengers rebuilt reopen reopened restore restored there success successful "
        "received receive popular reason still common share favour favor percentage proportion support "
        "supported"
    )
)

# Bare forms and pasts that questions use as verbs; where one is a noun too, the determiner before it decides.
VERBS = word_set(
    "border be become begin believe belong bring build buy call capture carry cause change choose claim "
    "come conquer consist contain control cost cover create cross cut deal decide declare defeat defend "
    "depend describe design destroy develop die discover do drink drive earn eat elect enter establish "
    "exist expand explode explore fall fight find fly follow form found gain get give go govern grow "
    "happen have help hold hope hunt include increase influence invade invent invest join keep kill "
    "know land launch lead learn leave lie live locate lose maintain make marry mean measure meet "
    "migrate move need occur offer open operate order oppose own pass pay perform play prevent produce "
    "propose protect prove provide publish put reach receive refer refuse reject release remain remove "
    "replace represent resign retire return rise rule run sail say see sell send serve set show sign "
    "sing sink sit speak spend split spread stand start state stay stop study succeed suffer supply "
    "support surrender survive take teach tell think threaten trade travel try turn use visit vote walk "
    "want warn wear weigh win withdraw work write attack erupt collapse crash orbit cool won wrote "
    "built led made took gave sold bought began became went came saw knew held left met ran rose fell "
    "fought lost sent spent taught told thought wore sang sank spoke broke drew grew flew drove chose "
    "shot hit beat sits lies born known given taken seen written sung flown hidden worn eaten driven"
)
NOT_PARTICIPLES = word_set("bed red seed speed breed deed need feed weed hundred united shed sacred indeed")

PLACES = word_set(
    "afghanistan albania algeria angola argentina armenia australia austria azerbaijan bahrain "
    "bangladesh belarus belgium bolivia brazil britain bulgaria burma cambodia cameroon canada chad "
    "chile china colombia congo croatia cuba cyprus czechia denmark ecuador egypt england estonia "
    "ethiopia finland france gaza georgia germany ghana greece greenland guatemala haiti honduras "
    "hungary iceland india indonesia iran iraq ireland israel italy jamaica japan jordan kazakhstan "
    "kenya korea kuwait laos latvia lebanon libya lithuania luxembourg malaysia mali malta mexico "
    "moldova mongolia montenegro morocco mozambique myanmar namibia nepal netherlands niger nigeria "
    "norway oman pakistan palestine panama paraguay peru philippines poland portugal qatar romania "
    "russia rwanda scotland senegal serbia singapore slovakia slovenia somalia spain sudan sweden "
    "switzerland syria taiwan tanzania thailand tibet tunisia turkey uganda ukraine uruguay uzbekistan "
    "venezuela vietnam wales yemen zambia zimbabwe africa america antarctica asia europe oceania moscow "
    "london paris berlin rome madrid vienna warsaw beijing tokyo delhi cairo tehran baghdad jerusalem "
    "istanbul athens lisbon dublin brussels amsterdam prague budapest kyiv kiev geneva chicago boston "
    "texas california florida alaska hawaii washington sydney melbourne toronto nairobi mumbai shanghai "
    "scandinavia siberia"
)
HONORIFICS = word_set(
    "mr mrs ms dr sir lord lady saint st president king queen emperor pope prince princess general captain"
)
PERSON_CUES = word_set("born die died dies married marry wrote write buried childhood career raised educated")
LINKS = word_set("of de von van da di al el bin ibn du la le der del upon")
INSTITUTIONS = word_set(
    "center centre institute council department ministry foundation museum company society board prize"
)
FEMALE_NAMES = word_set(
    "mary marie anna anne ann elizabeth margaret victoria catherine katherine jane emma maria rosa "
    "angela hillary diana ada florence amelia cleopatra helen sarah emily charlotte eleanor frida "
    "indira rosalind grace alice julia susan joan agatha virginia malala greta simone serena valentina "
    "lise dorothy harriet billie ella edith beyonce beyoncé adele taylor michelle kamala"
)
MALE_NAMES = word_set(
    "john james robert william charles george thomas david richard michael henry edward albert isaac "
    "nikola martin alexander leonardo napoleon julius joseph peter paul louis frederick vladimir donald "
    "barack joe boris emmanuel adolf winston abraham ludwig johann wolfgang vincent pablo galileo "
    "charlie ernest neil yuri mahatma nelson ebrahim mohammad ali hassan"
)
FEMALE_NOUNS = word_set("queen empress princess mrs ms lady actress woman girl mother wife daughter sister")
MALE_NOUNS = word_set("king emperor prince mr lord sir pope man boy father husband son brother actor")
PLACE_PREFIXES = word_set(
    "mount mt lake cape fort port new san santa los las el north south east west northern southern"
)
SAYING_VERBS = word_set(
    "say said believe believed think thought claim claimed state stated argue argued show showed shown "
    "know knew find found suggest suggested propose proposed mean prove proved agree agreed announce "
    "announced declare declared report reported see saw hear heard feel felt insist insisted"
)
COLLECTIVE_NOUNS = word_set(
    "company firm bank team club party band group union government army navy crew family public majority minority side"
)
