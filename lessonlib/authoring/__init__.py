"""For authors: is the workbook still in order?

No lesson imports these files. In reading order:

    page                -   what is a notebook, to those who check it?
    library_map         -   in which order is the library read?
    normal_form         -   when do two authors store the same bytes?
    running             -   what does a notebook say when it is run by itself?
    refresh             -   does every stored output say what the code says today?
    exercises           -   what does a learner get of a solution?
    glossary            -   which words does the lesson use, and where?
    mistakes            -   which mistakes do the checks know?
    generated           -   which pages are made of others, and are they up to date?
    rules_of_text       -   can a notebook be read?
    rules_of_code       -   does the code of a notebook run everywhere?
    rules_of_links      -   does each reference lead to what it names?
    rules_of_outputs    -   does nbval compare what a notebook shows?
    counting            -   how much of a notebook is compared, how much is prose?
    reading             -   how long does a lesson take, does its English read well?
    rules               -   which rules does a notebook keep?
    site_map            -   which pages has the site, and in which order are they read?
    site_words          -   where may a text be linked to the glossary?
    site_text           -   how does a text of ours become a part of a page?
    site_guesses        -   which outputs would spoil a guess?
    site_notebook       -   how does a notebook become a part of a page?
    site_reading        -   what does a page hold, to those who read its HTML?
    site_search         -   where on the site is a word?
    site_links          -   does each link of a built site lead somewhere?
    site_start          -   what does somebody see first?
    site                -   what can one read before one installs anything?
    nobodys_settings    -   with whose settings do the notebooks of the tests run?
    kernel_forkserver   -   how does a kernel start by a fork?
    warm_kernels        -   how do the tests start the notebooks' kernels quickly?
    long_part           -   which tests wait until somebody asks for all of them?
    second_turn         -   does a lesson run again, anywhere, and leave nothing?
    __main__            -   what can an author ask for?
"""
