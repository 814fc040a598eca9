// SPDX-License-Identifier: Apache-2.0
#include "connect/generator/word_lists.h"

#include <array>

namespace tidemill::connect::generator {
namespace {

constexpr std::array<PersonName, 5> kGermanyMen{{{"J\u00fcrgen", "jurgen"},
                                                 {"Matthias", "matthias"},
                                                 {"S\u00f6ren", "soren"},
                                                 {"Konrad", "konrad"},
                                                 {"Emil", "emil"}}};
constexpr std::array<PersonName, 5> kGermanyWomen{{{"K\u00e4the", "kathe"},
                                                   {"Friederike", "friederike"},
                                                   {"Lena", "lena"},
                                                   {"Hannelore", "hannelore"},
                                                   {"Svenja", "svenja"}}};
constexpr std::array<PersonName, 6> kGermanyFamilies{{{"M\u00fcller", "muller"},
                                                      {"Gro\u00df", "gross"},
                                                      {"Sch\u00e4fer", "schafer"},
                                                      {"B\u00f6ttcher", "bottcher"},
                                                      {"Vogt", "vogt"},
                                                      {"Lindemann", "lindemann"}}};
constexpr std::array<std::string_view, 5> kGermanyStreets{
    "Lindenstra\u00dfe", "Am M\u00fchlbach", "Goethestra\u00dfe", "Birkenweg", "Schulstra\u00dfe"};
constexpr std::array<std::string_view, 4> kGermanyPlaces{
    "G\u00f6ttingen, Niedersachsen", "N\u00fcrnberg, Bayern", "G\u00f6rlitz, Sachsen",
    "T\u00fcbingen, Baden-W\u00fcrttemberg"};

constexpr std::array<PersonName, 5> kFranceMen{{{"Ren\u00e9", "rene"},
                                                {"Lo\u00efc", "loic"},
                                                {"\u00c9tienne", "etienne"},
                                                {"Baptiste", "baptiste"},
                                                {"Ga\u00ebl", "gael"}}};
constexpr std::array<PersonName, 5> kFranceWomen{{{"Chlo\u00e9", "chloe"},
                                                  {"H\u00e9l\u00e8ne", "helene"},
                                                  {"Ma\u00eblle", "maelle"},
                                                  {"Margaux", "margaux"},
                                                  {"In\u00e8s", "ines"}}};
constexpr std::array<PersonName, 5> kFranceFamilies{{{"Lef\u00e8vre", "lefevre"},
                                                     {"B\u00e9ranger", "beranger"},
                                                     {"Moreau", "moreau"},
                                                     {"Chauvin", "chauvin"},
                                                     {"Dupr\u00e8s", "dupres"}}};
constexpr std::array<std::string_view, 5> kFranceStreets{
    "Rue des Lilas", "Avenue de la R\u00e9publique", "Place du March\u00e9", "Chemin du Moulin",
    "Rue Saint-Honor\u00e9"};
constexpr std::array<std::string_view, 4> kFrancePlaces{
    "Besan\u00e7on, Doubs", "Angoul\u00eame, Charente", "N\u00eemes, Gard", "Orl\u00e9ans, Loiret"};

constexpr std::array<PersonName, 5> kSpainMen{{{"\u00cd\u00f1igo", "inigo"},
                                               {"Andr\u00e9s", "andres"},
                                               {"Joaqu\u00edn", "joaquin"},
                                               {"Ra\u00fal", "raul"},
                                               {"Mateo", "mateo"}}};
constexpr std::array<PersonName, 5> kSpainWomen{{{"Luc\u00eda", "lucia"},
                                                 {"Bego\u00f1a", "begona"},
                                                 {"Martina", "martina"},
                                                 {"Roc\u00edo", "rocio"},
                                                 {"In\u00e9s", "ines"}}};
constexpr std::array<PersonName, 5> kSpainFamilies{{{"N\u00fa\u00f1ez", "nunez"},
                                                    {"Ib\u00e1\u00f1ez", "ibanez"},
                                                    {"Casta\u00f1o", "castano"},
                                                    {"Serrano", "serrano"},
                                                    {"Pe\u00f1a", "pena"}}};
constexpr std::array<std::string_view, 5> kSpainStreets{"Calle Mayor", "Avenida del Mar",
                                                        "Plaza de Espa\u00f1a", "Calle de la Luz",
                                                        "Paseo del R\u00edo"};
constexpr std::array<std::string_view, 4> kSpainPlaces{
    "Logro\u00f1o, La Rioja", "C\u00e1diz, Andaluc\u00eda", "Le\u00f3n, Castilla y Le\u00f3n",
    "Girona, Catalu\u00f1a"};

constexpr std::array<PersonName, 5> kUnitedstatesMen{{{"Marcus", "marcus"},
                                                      {"Theodore", "theodore"},
                                                      {"Wyatt", "wyatt"},
                                                      {"Calvin", "calvin"},
                                                      {"Owen", "owen"}}};
constexpr std::array<PersonName, 5> kUnitedstatesWomen{{{"Harriet", "harriet"},
                                                        {"Naomi", "naomi"},
                                                        {"Josephine", "josephine"},
                                                        {"Delia", "delia"},
                                                        {"Ruth", "ruth"}}};
constexpr std::array<PersonName, 5> kUnitedstatesFamilies{{{"Whitfield", "whitfield"},
                                                           {"O'Brien", "obrien"},
                                                           {"Delgado", "delgado"},
                                                           {"Ferris", "ferris"},
                                                           {"Hollis", "hollis"}}};
constexpr std::array<std::string_view, 5> kUnitedstatesStreets{
    "Maple Avenue", "Cedar Lane", "Lakeshore Drive", "Franklin Street", "Quarry Road"};
constexpr std::array<std::string_view, 5> kUnitedstatesPlaces{
    "Boise, Idaho", "Duluth, Minnesota", "Savannah, Georgia", "Eugene, Oregon", "Topeka, Kansas"};

constexpr std::array<PersonName, 4> kCanadaMen{
    {{"Olivier", "olivier"}, {"Graham", "graham"}, {"Mathieu", "mathieu"}, {"Desmond", "desmond"}}};
constexpr std::array<PersonName, 4> kCanadaWomen{{{"Am\u00e9lie", "amelie"},
                                                  {"Fiona", "fiona"},
                                                  {"Genevi\u00e8ve", "genevieve"},
                                                  {"Brooke", "brooke"}}};
constexpr std::array<PersonName, 4> kCanadaFamilies{{{"B\u00e9langer", "belanger"},
                                                     {"Gagn\u00e9", "gagne"},
                                                     {"MacLeod", "macleod"},
                                                     {"Tran", "tran"}}};
constexpr std::array<std::string_view, 4> kCanadaStreets{"Rue Principale", "Bayview Road",
                                                         "Chemin du Lac", "Station Street"};
constexpr std::array<std::string_view, 4> kCanadaPlaces{
    "Trois-Rivi\u00e8res, Qu\u00e9bec", "Moose Jaw, Saskatchewan", "Kelowna, British Columbia",
    "Moncton, New Brunswick"};

constexpr std::array<PersonName, 4> kUnitedkingdomMen{
    {{"Alistair", "alistair"}, {"Callum", "callum"}, {"Nigel", "nigel"}, {"Rhys", "rhys"}}};
constexpr std::array<PersonName, 4> kUnitedkingdomWomen{
    {{"Gwendolyn", "gwendolyn"}, {"Imogen", "imogen"}, {"Catriona", "catriona"}, {"Beth", "beth"}}};
constexpr std::array<PersonName, 4> kUnitedkingdomFamilies{{{"Ashworth", "ashworth"},
                                                            {"Pritchard", "pritchard"},
                                                            {"McKay", "mckay"},
                                                            {"Thornbury", "thornbury"}}};
constexpr std::array<std::string_view, 4> kUnitedkingdomStreets{"Station Road", "Orchard Close",
                                                                "Queen's Road", "Bridge Street"};
constexpr std::array<std::string_view, 4> kUnitedkingdomPlaces{
    "Stirling, Scotland", "Truro, Cornwall", "Swansea, Wales", "Durham, County Durham"};

constexpr std::array<PersonName, 4> kNorwayMen{{{"Bj\u00f8rn", "bjorn"},
                                                {"H\u00e5kon", "hakon"},
                                                {"\u00d8yvind", "oyvind"},
                                                {"Leif", "leif"}}};
constexpr std::array<PersonName, 4> kNorwayWomen{
    {{"\u00c5se", "ase"}, {"Sigrid", "sigrid"}, {"Bj\u00f8rg", "bjorg"}, {"Tuva", "tuva"}}};
constexpr std::array<PersonName, 4> kNorwayFamilies{{{"S\u00f8rensen", "sorensen"},
                                                     {"Br\u00e5ten", "braten"},
                                                     {"\u00d8deg\u00e5rd", "odegard"},
                                                     {"Haugen", "haugen"}}};
constexpr std::array<std::string_view, 4> kNorwayStreets{"Storgata", "Kirkeveien",
                                                         "Nyg\u00e5rdsgata", "Fjellveien"};
constexpr std::array<std::string_view, 4> kNorwayPlaces{"\u00c5lesund, M\u00f8re og Romsdal",
                                                        "Troms\u00f8, Troms", "Bod\u00f8, Nordland",
                                                        "H\u00f8nefoss, Buskerud"};

constexpr std::array<PersonName, 4> kTurkiyeMen{{{"\u00c7a\u011fr\u0131", "cagri"},
                                                 {"\u0130lker", "ilker"},
                                                 {"Tu\u011frul", "tugrul"},
                                                 {"Emre", "emre"}}};
constexpr std::array<PersonName, 4> kTurkiyeWomen{{{"G\u00fcl\u015fah", "gulsah"},
                                                   {"I\u015f\u0131l", "isil"},
                                                   {"Ay\u015fe", "ayse"},
                                                   {"Nil\u00fcfer", "nilufer"}}};
constexpr std::array<PersonName, 4> kTurkiyeFamilies{{{"Y\u0131ld\u0131r\u0131m", "yildirim"},
                                                      {"\u00d6zt\u00fcrk", "ozturk"},
                                                      {"\u015eahin", "sahin"},
                                                      {"\u00c7ak\u0131r", "cakir"}}};
constexpr std::array<std::string_view, 4> kTurkiyeStreets{
    "Atat\u00fcrk Caddesi", "G\u00fcl Soka\u011f\u0131", "\u0130n\u00f6n\u00fc Bulvar\u0131",
    "\u00c7\u0131nar Sokak"};
constexpr std::array<std::string_view, 4> kTurkiyePlaces{"Eski\u015fehir, \u0130\u00e7 Anadolu",
                                                         "Mu\u011fla, Ege", "\u00c7orum, Karadeniz",
                                                         "I\u011fd\u0131r, Do\u011fu Anadolu"};

constexpr std::array<PersonName, 4> kBrazilMen{{{"Jo\u00e3o", "joao"},
                                                {"Ant\u00f4nio", "antonio"},
                                                {"Ca\u00edque", "caique"},
                                                {"Vin\u00edcius", "vinicius"}}};
constexpr std::array<PersonName, 4> kBrazilWomen{{{"Lu\u00edza", "luiza"},
                                                  {"Concei\u00e7\u00e3o", "conceicao"},
                                                  {"Tha\u00eds", "thais"},
                                                  {"Ra\u00edssa", "raissa"}}};
constexpr std::array<PersonName, 4> kBrazilFamilies{{{"Gon\u00e7alves", "goncalves"},
                                                     {"Ara\u00fajo", "araujo"},
                                                     {"Guimar\u00e3es", "guimaraes"},
                                                     {"Sim\u00f5es", "simoes"}}};
constexpr std::array<std::string_view, 4> kBrazilStreets{
    "Rua das Flores", "Avenida S\u00e3o Jo\u00e3o", "Travessa do Com\u00e9rcio",
    "Rua Quinze de Novembro"};
constexpr std::array<std::string_view, 4> kBrazilPlaces{
    "Florian\u00f3polis, Santa Catarina", "Macei\u00f3, Alagoas",
    "S\u00e3o Lu\u00eds, Maranh\u00e3o", "Goi\u00e2nia, Goi\u00e1s"};

constexpr std::array<PersonName, 3> kUkraineMen{
    {{"\u041e\u0441\u0442\u0430\u043f", "ostap"},
     {"\u042f\u0440\u0435\u043c\u0430", "yarema"},
     {"\u041b\u044e\u0431\u043e\u043c\u0438\u0440", "lubomyr"}}};
constexpr std::array<PersonName, 3> kUkraineWomen{
    {{"\u0421\u043e\u043b\u043e\u043c\u0456\u044f", "solomiya"},
     {"\u0414\u0430\u0440\u0438\u043d\u0430", "daryna"},
     {"\u041e\u043a\u0441\u0430\u043d\u0430", "oksana"}}};
constexpr std::array<PersonName, 3> kUkraineFamilies{
    {{"\u0428\u0435\u0432\u0447\u0443\u043a", "shevchuk"},
     {"\u041c\u043e\u0440\u043e\u0437", "moroz"},
     {"\u0413\u043d\u0430\u0442\u044e\u043a", "hnatiuk"}}};
constexpr std::array<std::string_view, 3> kUkraineStreets{
    "\u0432\u0443\u043b\u0438\u0446\u044f \u0424\u0440\u0430\u043d\u043a\u0430",
    "\u043f\u0440\u043e\u0441\u043f\u0435\u043a\u0442 \u041c\u0438\u0440\u0443",
    "\u0432\u0443\u043b\u0438\u0446\u044f \u0421\u0430\u0434\u043e\u0432\u0430"};
constexpr std::array<std::string_view, 3> kUkrainePlaces{
    "\u041b\u044c\u0432\u0456\u0432, \u041b\u044c\u0432\u0456\u0432\u0441\u044c\u043a\u0430",
    "\u041f\u043e\u043b\u0442\u0430\u0432\u0430, "
    "\u041f\u043e\u043b\u0442\u0430\u0432\u0441\u044c\u043a\u0430",
    "\u041b\u0443\u0446\u044c\u043a, \u0412\u043e\u043b\u0438\u043d\u0441\u044c\u043a\u0430"};

constexpr std::array<PersonName, 3> kJapanMen{
    {{"\u5065\u592a", "kenta"}, {"\u5927\u8f14", "daisuke"}, {"\u7fd4", "sho"}}};
constexpr std::array<PersonName, 3> kJapanWomen{
    {{"\u7f8e\u54b2", "misaki"}, {"\u967d\u5b50", "yoko"}, {"\u3055\u304f\u3089", "sakura"}}};
constexpr std::array<PersonName, 3> kJapanFamilies{
    {{"\u4f50\u85e4", "sato"}, {"\u6e21\u8fba", "watanabe"}, {"\u5c0f\u6797", "kobayashi"}}};
constexpr std::array<std::string_view, 3> kJapanStreets{
    "\u4e2d\u592e\u901a\u308a", "\u685c\u901a\u308a", "\u99c5\u524d\u901a\u308a"};
constexpr std::array<std::string_view, 3> kJapanPlaces{"\u677e\u672c\u5e02, \u9577\u91ce\u770c",
                                                       "\u5009\u6577\u5e02, \u5ca1\u5c71\u770c",
                                                       "\u51fd\u9928\u5e02, \u5317\u6d77\u9053"};

constexpr std::array<Country, 11> kCountries{{
    {"Germany", kGermanyMen, kGermanyWomen, kGermanyFamilies, kGermanyStreets, kGermanyPlaces, "",
     "0###-#######"},
    {"France", kFranceMen, kFranceWomen, kFranceFamilies, kFranceStreets, kFrancePlaces, "",
     "0#-##-##-##-##"},
    {"Spain", kSpainMen, kSpainWomen, kSpainFamilies, kSpainStreets, kSpainPlaces, "",
     "9##-###-###"},
    {"United States", kUnitedstatesMen, kUnitedstatesWomen, kUnitedstatesFamilies,
     kUnitedstatesStreets, kUnitedstatesPlaces, "", "(###) ###-####"},
    {"Canada", kCanadaMen, kCanadaWomen, kCanadaFamilies, kCanadaStreets, kCanadaPlaces, "@#@ #@#",
     "###-###-####"},
    {"United Kingdom", kUnitedkingdomMen, kUnitedkingdomWomen, kUnitedkingdomFamilies,
     kUnitedkingdomStreets, kUnitedkingdomPlaces, "@@# #@@", "0#### ######"},
    {"Norway", kNorwayMen, kNorwayWomen, kNorwayFamilies, kNorwayStreets, kNorwayPlaces, "####",
     "########"},
    {"T\u00fcrkiye", kTurkiyeMen, kTurkiyeWomen, kTurkiyeFamilies, kTurkiyeStreets, kTurkiyePlaces,
     "", "(###)-###-####"},
    {"Brazil", kBrazilMen, kBrazilWomen, kBrazilFamilies, kBrazilStreets, kBrazilPlaces, "",
     "(##) ####-####"},
    {"Ukraine", kUkraineMen, kUkraineWomen, kUkraineFamilies, kUkraineStreets, kUkrainePlaces, "",
     "(0##) ###-####"},
    {"Japan", kJapanMen, kJapanWomen, kJapanFamilies, kJapanStreets, kJapanPlaces, "###-####",
     "0##-###-####"},
}};

constexpr std::array<std::string_view, 20> kAdjectives{
    "brave", "calm",  "clever", "dusty", "eager", "fancy",  "gentle", "golden", "hidden", "jolly",
    "lucky", "misty", "noble",  "quiet", "rapid", "silent", "sunny",  "tidy",   "velvet", "wild"};
constexpr std::array<std::string_view, 20> kAnimals{
    "badger",  "beaver", "crane",  "dolphin", "falcon", "ferret", "gecko",
    "heron",   "ibex",   "jackal", "lemur",   "lynx",   "marten", "otter",
    "panther", "raven",  "seal",   "stork",   "tapir",  "walrus"};

}  // namespace

std::span<const Country> countries() {
  return kCountries;
}

std::span<const std::string_view> adjectives() {
  return kAdjectives;
}

std::span<const std::string_view> animals() {
  return kAnimals;
}

}  // namespace tidemill::connect::generator
